import { messageOf } from "../plugins/serving/messageOf.ts";
import { randomFrom } from "../harness/random.ts";
import type { Measured } from "./fio.ts";
import type { Load } from "./loads.ts";
import { type Job, orderOf } from "./order.ts";
import { Progress } from "./progress.ts";
import { inUnit } from "./report/figures.ts";
import type { Report } from "./report/report.ts";
import { digits } from "./report/words.ts";
import type { Situation, Spot } from "./spot.ts";

export type Samples = Pick<Report, "samples" | "failures" | "complete">;

export interface Doing {
  /** Runs a load on a spot once. */
  measure(job: Job, repetition: number): Promise<Measured>;
  say(line: string): void;
  /** Is told what there is, after each repetition and each failure. */
  noted?(samples: Samples): void;
  /** Whether to go on. A measurement that was ended early does not count. */
  wanted?(): boolean;
}

/** One after the other, so many show that it is no accident. */
const failuresInARow = 3;

/**
 * All loads on all spots, so many times, in an order that follows from the seed. It ends early when it is no longer
 * wanted, or several measurements in a row fail; what was measured until then is returned.
 */
export async function benchRun(
  {
    spots,
    loads,
    repetitions,
    seed,
  }: { spots: readonly Spot[]; loads: readonly Load[]; repetitions: number; seed: number },
  { measure, say, noted = () => undefined, wanted = () => true }: Doing,
): Promise<Samples> {
  const random = randomFrom(seed);
  const progress = new Progress(spots.length * loads.length * repetitions);
  const [samples, failures]: [Report["samples"], Report["failures"]] = [[], []];
  let inARow = 0;
  let present: Situation | undefined;
  const change = async (next: Situation | undefined): Promise<void> => {
    if (next === present) return;
    const old = present;
    present = undefined;
    await old?.leave();
    try {
      await next?.enter();
    } catch (error) {
      await next?.leave();
      throw error;
    }
    present = next;
  };
  const state = (complete: boolean): Samples => ({ samples: [...samples], failures: [...failures], complete });
  try {
    for (let repetition = 1; repetition <= repetitions; repetition++) {
      for (const { spot, load } of orderOf(random, spots, loads)) {
        if (!wanted()) return state(false);
        const where = { repetition, load: load.name, spot: spot.name };
        const words = `repetition ${repetition}/${repetitions}, ${spot.title}, ${load.title}`;
        try {
          await change(spot.situation);
          if (!wanted()) return state(false);
          const sample = { ...where, ...(await measure({ spot, load }, repetition)) };
          if (!wanted()) return state(false);
          samples.push(sample);
          inARow = 0;
          say(progress.done(`${words}: ${digits(inUnit(sample))} ${load.unit}`));
        } catch (error) {
          if (!wanted()) return state(false);
          failures.push({ ...where, message: messageOf(error) });
          say(progress.done(`${words} FAILED: ${messageOf(error)}`));
          noted(state(false));
          inARow += 1;
          if (inARow >= failuresInARow) {
            say(`${failuresInARow} measurements in a row failed: the run ends`);
            return state(false);
          }
        }
      }
      noted(state(repetition === repetitions));
    }
    return state(true);
  } finally {
    await change(undefined);
  }
}
