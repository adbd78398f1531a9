import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../../plugins/serving/messageOf.ts";
import { Refused } from "../../refused.ts";
import type { CommandRecords } from "./commandRecords.ts";

/** One thing that a command does: what it says beforehand, and the doing. */
export interface Step {
  readonly title: string;
  run(): Promise<void>;
}

export interface CarryOutOptions {
  /** Only say what would be done. */
  readonly dryRun: boolean;
  readonly say: (line: string) => void;
  /** Shows that a step is at work until it ends. */
  readonly during?: (title: string, work: () => Promise<void>) => Promise<void>;
  /** Left on the mirrors beside the steps, where steps are taken. */
  readonly records: CommandRecords;
}

/**
 * Carries out steps in order, and says before each what it does, after each what it took;
 * the first that fails ends it, and the last line says at which step.
 * @throws Refused when the first step did; after it, something was changed
 */
export async function carryOut(
  steps: readonly Step[],
  { dryRun, say, during = (_, work) => work(), records }: CarryOutOptions,
): Promise<void> {
  const recorded = !dryRun && steps.length > 0;
  if (recorded) records.begins();
  for (const [index, step] of steps.entries()) {
    say(`${dryRun ? "would" : "now"} ${index + 1}/${steps.length}: ${step.title}`);
    if (dryRun) continue;
    const began = Date.now();
    try {
      await during(step.title, () => step.run());
    } catch (error) {
      records.ended(error instanceof Refused && index === 0 ? "refused" : "failed", messageOf(error));
      throw error instanceof Refused && index > 0 ? new Error(error.message, { cause: error }) : error;
    }
    say(`done ${index + 1}/${steps.length} in ${((Date.now() - began) / 1000).toFixed(1)} s`);
  }
  if (recorded) records.ended("done");
}

/** Asks every 2 s until the answer is yes; false when it was not within so many seconds. */
export async function waitFor(seconds: number, ask: () => Promise<boolean>): Promise<boolean> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    if (await ask()) return true;
    if (performance.now() >= end) return false;
    await sleep(2000);
  }
}
