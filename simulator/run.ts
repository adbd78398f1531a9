import { byTheBook } from "./byTheBook.ts";
import { events } from "./events.ts";
import type { Fixes } from "./fixes.ts";
import { check } from "./invariants.ts";
import { settlePending } from "./io.ts";
import { World } from "./world.ts";

/** What happened in one schedule. */
export interface Outcome {
  /** The first invariant that did not hold; empty: all held. */
  readonly violation: string;
  /** Events that happened up to then; the schedule's length when the way back was the trouble. */
  readonly used: number;
  readonly log: readonly string[];
}

/** Lets a schedule happen to a new world, and then leads it back by the book. */
export function run(schedule: ArrayLike<number>, fixes: Fixes, managed: boolean, tell = false): Outcome {
  const world = new World(fixes, managed);
  if (tell) world.log = [];
  for (let place = 0; place < schedule.length; place++) {
    const event = events[schedule[place] ?? 0];
    if (!event) continue;
    world.now++;
    if (tell) world.say(`-- ${event.name}`);
    event.apply(world);
    settlePending(world);
    check(world);
    if (world.violation !== "") return { violation: world.violation, used: place + 1, log: world.log ?? [] };
  }
  byTheBook(world);
  return { violation: world.violation, used: schedule.length, log: world.log ?? [] };
}
