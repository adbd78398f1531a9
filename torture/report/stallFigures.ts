import { proofs, singles } from "./judge.ts";
import type { Kill, MirrorWork, Mode, Phase, Protocol, Recovery, Report, Run } from "./report.ts";

/** Stalls of kills that are alike in what a client sees of them. */
export interface StallFigures {
  readonly title: string;
  readonly protocol: Protocol;
  /** What ran the guests, in words. */
  readonly guests: string;
  /** Kills after which writing came back. */
  readonly count: number;
  /** Kills after which it did not. */
  readonly never: number;
  /** Seconds; null when there is no stall to tell of. */
  readonly median: number | null;
  readonly p95: number | null;
  readonly worst: number | null;
  /**
   * Median of the floors of these runs, seconds; null when no run says
   * one. A switch and an undisturbed primary have none.
   */
  readonly floor: number | null;
  /** Median seconds by phase, in the order in which phases appear. */
  readonly phases: readonly Phase[];
  /** What the mirrors that lived had to do, median by what they were before; empty where no kill tells. */
  readonly work: readonly Omit<MirrorWork, "mirror">[];
}

/** What a client saw, in words. */
export function recoveryTitle(recovery: Recovery, mode: Mode): string {
  if (recovery === "switch") return "planned switch";
  if (recovery === "none") return "primary stays";
  if (recovery === "return") return "a mirror comes back";
  return mode === "manual" ? "failover by hand" : "automatic failover";
}

/** What ran a run's guests, in words; in slowed time all seconds are the guests' own. */
export function guestsOf({ virtualization, slowness }: Run): string {
  if (virtualization === "kvm") return "KVM";
  return slowness === undefined ? "emulated" : `emulated, slowed ${slowness} ×`;
}

/**
 * Stall figures by recovery, protocol and what ran the guests; negative controls are left out,
 * and sequences, in which writers stand still for as long as torture
 * takes for the next step.
 */
export function stallFigures(report: Report): readonly StallFigures[] {
  const classes = new Map<string, { run: Run; kill: Kill }[]>();
  for (const run of proofs(report)) {
    for (const kill of singles(run.kills)) {
      const key = [recoveryTitle(kill.recovery, run.mode), run.protocol, guestsOf(run)].join("\n");
      classes.set(key, [...(classes.get(key) ?? []), { run, kill }]);
    }
  }
  return [...classes.values()].map(figuresOf).sort((one, other) => order(one).localeCompare(order(other)));
}

function figuresOf(members: readonly { run: Run; kill: Kill }[]): StallFigures {
  const { run, kill } = members[0] as { run: Run; kill: Kill };
  const stalls = members.flatMap((member) => (member.kill.stall === null ? [] : [member.kill.stall]));
  const floors = [...new Set(members.map((member) => member.run))].flatMap(({ floor }) =>
    floor.length === 0 ? [] : [sum(floor)],
  );
  return {
    title: recoveryTitle(kill.recovery, run.mode),
    protocol: run.protocol,
    guests: guestsOf(run),
    count: stalls.length,
    never: members.length - stalls.length,
    median: quantile(stalls, 0.5),
    p95: quantile(stalls, 0.95),
    worst: quantile(stalls, 1),
    floor: kill.recovery === "failover" ? quantile(floors, 0.5) : null,
    phases: medianPhases(members.map((member) => member.kill.phases)),
    work: medianWork(members.flatMap((member) => member.kill.work ?? [])),
  };
}

function medianPhases(all: readonly (readonly Phase[])[]): readonly Phase[] {
  const names = [...new Set(all.flat().map((phase) => phase.name))];
  return names.map((name) => ({
    name,
    seconds: quantile(
      all.flat().flatMap((phase) => (phase.name === name ? [phase.seconds] : [])),
      0.5,
    ) as number,
  }));
}

function medianWork(all: readonly MirrorWork[]): StallFigures["work"] {
  return (["primary", "standby"] as const).flatMap((was) => {
    const of = all.filter((work) => work.was === was);
    const [processes, cpu] = [of.map((work) => work.processes), of.map((work) => work.cpu)].map((values) =>
      quantile(values, 0.5),
    );
    return typeof processes === "number" && typeof cpu === "number" ? [{ was, processes, cpu }] : [];
  });
}

/**
 * The smallest value that at least this share of the values does not exceed
 * (nearest rank): always one that was measured. Null of nothing.
 */
export function quantile(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

const sum = (phases: readonly Phase[]): number => phases.reduce((total, phase) => total + phase.seconds, 0);
const rank = ["planned switch", "failover by hand", "automatic failover", "a mirror comes back", "primary stays"];
const order = ({ title, protocol, guests }: StallFigures): string => `${rank.indexOf(title)} ${protocol} ${guests}`;
