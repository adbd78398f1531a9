import { randomFrom } from "../harness/random.ts";
import { events } from "./events.ts";

/** Events of a schedule that was drawn. */
export const scheduleLength = 70;

/** Each event as often as its weight: a draw is one look-up. */
const drawn = Uint8Array.from(events.flatMap(({ weight }, index) => new Array<number>(weight).fill(index)));

/** The schedule that a seed stands for. */
export function scheduleOf(seed: number, into: Uint8Array = new Uint8Array(scheduleLength)): Uint8Array {
  const random = randomFrom(seed);
  for (let place = 0; place < into.length; place++) into[place] = drawn[random.below(drawn.length)] ?? 0;
  return into;
}

/** Whether the client of a seed's world is the stack's own, or a domain of the VM team. */
export const managedOf = (seed: number): boolean => seed % 2 === 0;

/** As it is typed to replay it: names of events, comma-separated numbers in short. */
export const written = (schedule: ArrayLike<number>): string => Array.from(schedule).join(",");
export const namesOf = (schedule: ArrayLike<number>): readonly string[] =>
  Array.from(schedule, (index) => events[index]?.name ?? "?");

/** @throws when it is no schedule */
export function parseSchedule(text: string): Uint8Array {
  const numbers = text.split(",").map(Number);
  if (numbers.some((index) => !Number.isInteger(index) || !events[index]))
    throw new Error(`expected numbers of events from 0 to ${events.length - 1}, separated by commas, got: ${text}`);
  return Uint8Array.from(numbers);
}
