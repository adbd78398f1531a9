import type { LinkEvent, RoleEvent } from "./event.ts";

/** Milliseconds within which the volumes of a group go together. */
const together = 10_000;

/** Events of volumes in order of time, those of one group as one event: a group moves as a whole. */
export function folded(events: readonly (RoleEvent | LinkEvent)[]): readonly (RoleEvent | LinkEvent)[] {
  const result: (RoleEvent | LinkEvent)[] = [];
  const last = new Map<string, number>();
  for (const event of events.toSorted((left, right) => left.at - right.at)) {
    const { at, volumes, ...rest } = event;
    const key = JSON.stringify(rest);
    const index = last.get(key);
    const before = index === undefined ? undefined : result[index];
    if (index !== undefined && before && at - before.at <= together && !before.volumes.includes(volumes[0] ?? ""))
      result[index] = { ...before, volumes: [...before.volumes, ...volumes] };
    else last.set(key, result.push(event) - 1);
  }
  return result;
}
