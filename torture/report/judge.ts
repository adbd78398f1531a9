import type { Kill, Report, Run } from "./report.ts";

/** What one kill shows. `open`: something that had to be checked was not, so that it counts neither for nor against. */
export type Outcome = "clean" | "lost" | "broken" | "open";

/**
 * - lost: content that the contract forbids was read, or the copies differ.
 * - broken: no loss seen, but a rule was broken (an audit failed), or service did not come back.
 * - open: the read-back, verify, the rejoin or an audit is missing, or nothing was being
 *   written when the primary was lost. An unchecked kill is no proof.
 */
export function outcome(kill: Kill): Outcome {
  if (kill.violations.length > 0 || (kill.outOfSync ?? 0) > 0) return "lost";
  if (kill.stall === null || kill.audits.some((audit) => audit.passed === false)) return "broken";
  const unchecked =
    kill.readBack === null || kill.readBack.blocks === 0 || kill.rejoined === null || kill.outOfSync === null;
  if (unchecked || wroteNothing(kill) || kill.audits.length === 0 || kill.audits.some((audit) => audit.passed === null))
    return "open";
  return "clean";
}

/** A writer that was at work stands still for as long as the loss of the primary needs to be noticed, at the least. */
function wroteNothing({ recovery, stall, phases }: Kill): boolean {
  return recovery === "failover" && (stall ?? 0) < (phases.find(({ name }) => name === "detection")?.seconds ?? 0);
}

export interface Verdict {
  readonly kills: number;
  readonly clean: number;
  readonly lost: number;
  readonly broken: number;
  readonly open: number;
  /**
   * The chance of a loss per kill is below this with 95 % confidence: 3/N for N
   * kills without one (rule of three; needs kills that are alike and
   * independent). Null: there was a loss, or no kill was clean, and nothing is proved.
   */
  readonly bound: number | null;
  /** Only clean kills, and at least one. */
  readonly passed: boolean;
}

/** The verdict over all single kills but those of negative controls, where losses are wanted. */
export function verdict(report: Report): Verdict {
  return verdictOf(singles(proofs(report).flatMap((run) => run.kills)));
}

/** The same over sequences of faults: they are another kind of bad luck, and counted by themselves. */
export function sequencesVerdict(report: Report): Verdict {
  return verdictOf(proofs(report).flatMap((run) => run.kills.filter(({ sequence }) => sequence !== undefined)));
}

/** Kills of one fault. */
export function singles(kills: readonly Kill[]): readonly Kill[] {
  return kills.filter(({ sequence }) => sequence === undefined);
}

function verdictOf(all: readonly Kill[]): Verdict {
  const found = { clean: 0, lost: 0, broken: 0, open: 0 };
  for (const kill of all) found[outcome(kill)] += 1;
  const kills = found.clean + found.lost + found.broken + found.open;
  const proved = found.lost === 0 && found.clean > 0;
  return {
    kills,
    ...found,
    bound: proved ? Math.min(1, 3 / found.clean) : null,
    passed: kills > 0 && found.clean === kills,
  };
}

/** Runs that are to show that nothing is lost. */
export function proofs(report: Report): readonly Run[] {
  return report.runs.filter((run) => run.control === null);
}
