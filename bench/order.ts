import type { Random } from "../harness/random.ts";
import type { Load } from "./loads.ts";
import type { Spot } from "./spot.ts";

/** One measurement of a repetition. */
export interface Job {
  readonly load: Load;
  readonly spot: Spot;
}

/**
 * All loads on all spots, in an order drawn anew for each repetition: what disturbs the machine for a while
 * then meets all of them alike. Jobs of one situation stay together, because it costs time to bring it about.
 */
export function orderOf(random: Random, spots: readonly Spot[], loads: readonly Load[]): readonly Job[] {
  const jobs = spots.flatMap((spot) => loads.map((load) => ({ spot, load })));
  const situations = [...new Set(jobs.map(({ spot }) => spot.situation))].filter((one) => one !== undefined);
  const together = situations.map((situation) =>
    shuffle(
      random,
      jobs.filter(({ spot }) => spot.situation === situation),
    ),
  );
  const alone = jobs.filter(({ spot }) => spot.situation === undefined).map((job) => [job]);
  return shuffle(random, [...together, ...alone]).flat();
}

/** Fisher and Yates. */
function shuffle<T>(random: Random, things: readonly T[]): readonly T[] {
  const shuffled = [...things];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = random.below(last + 1);
    [shuffled[last], shuffled[other]] = [shuffled[other] as T, shuffled[last] as T];
  }
  return shuffled;
}
