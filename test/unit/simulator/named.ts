import { events } from "../../../simulator/events.ts";

/** A schedule by the names of its events. */
export const named = (...names: readonly string[]): readonly number[] =>
  names.map((name) => {
    const index = events.findIndex((event) => event.name === name);
    if (index < 0) throw new Error(`no event ${name}`);
    return index;
  });
