import type { Random } from "../../harness/random.ts";
import type { Mode } from "../report/report.ts";
import { cutAllHealSomeFailover, cutAllThenKillPrimary, cutThenDestroy } from "./cuts.ts";
import { disklessThenCut, disklessThenDestroy } from "./disks.ts";
import { faultThenDestroy } from "./faultThenDestroy.ts";
import { diskHangsThenDestroy, primaryDiskHangsThenDestroy, primaryDiskHangsThenSurvivorDies } from "./hangingDisk.ts";
import { freezeThenSwitch, fullDiskThenDestroy, managedSaveThenFailover, standbyFirst } from "./machines.ts";
import { resyncCutKill } from "./resync.ts";
import type { Sequence } from "./sequence.ts";
import { wrongCommands } from "./wrongCommands.ts";

/**
 * Every kind that there is. A new one is added here; kills of torture/faults become steps of it by `strike` (steps.ts).
 */
export const sequences: readonly Sequence[] = [
  cutThenDestroy,
  cutAllHealSomeFailover,
  cutAllThenKillPrimary,
  freezeThenSwitch,
  fullDiskThenDestroy,
  managedSaveThenFailover,
  resyncCutKill,
  standbyFirst,
  wrongCommands,
  faultThenDestroy,
  disklessThenCut,
  disklessThenDestroy,
  diskHangsThenDestroy,
  primaryDiskHangsThenDestroy,
  primaryDiskHangsThenSurvivorDies,
];

/** Sequences of these kinds; all when none is named. @throws for a kind that there is not. */
export function sequencesOf(kinds: readonly string[]): readonly Sequence[] {
  const unknown = kinds.filter((kind) => !sequences.some((sequence) => sequence.kind === kind));
  if (unknown.length > 0)
    throw new Error(
      `no kind of sequence: ${unknown.join(", ")}; there are ${sequences.map(({ kind }) => kind).join(", ")}`,
    );
  return kinds.length === 0 ? sequences : sequences.filter(({ kind }) => kinds.includes(kind));
}

/** Draws so that none comes again before every other one has come: few sequences then show as many kinds as can be. */
export function drawInTurn(random: Random, among: readonly Sequence[], mode: Mode): () => Sequence {
  let left: readonly Sequence[] = [];
  return () => {
    if (left.length === 0) left = among.filter(({ modes }) => modes.includes(mode));
    const drawn = drawSequence(random, left.length === 0 ? among : left, mode);
    left = left.filter((sequence) => sequence !== drawn);
    return drawn;
  };
}

/** @throws when none of them makes sense in this mode. */
export function drawSequence(random: Random, among: readonly Sequence[], mode: Mode): Sequence {
  const possible = among.filter(({ modes }) => modes.includes(mode));
  if (possible.length === 0)
    throw new Error(`none of ${among.map(({ kind }) => kind).join(", ")} makes sense in ${mode} mode`);
  return random.pick(possible, ({ weight }) => weight);
}
