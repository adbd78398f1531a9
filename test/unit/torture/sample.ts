import type { Kill, Report, Run } from "../../../torture/report/report.ts";

/** A clean kill with a failover, as far as nothing else is said. */
export function kill(change: Partial<Kill> = {}): Kill {
  return {
    number: 1,
    kind: "destroy",
    target: "mirror-a",
    at: "2026-11-21T06:00:00Z",
    recovery: "failover",
    stall: 9.5,
    phases: [
      { name: "fence", seconds: 2 },
      { name: "promote", seconds: 0.5 },
    ],
    readBack: { blocks: 4096, acknowledged: 1200 },
    rejoined: 40,
    outOfSync: 0,
    violations: [],
    audits: [{ name: "fenced before promoted", passed: true, detail: "2.0 s before" }],
    ...change,
  };
}

/** A clean sequence of two faults. */
export function sequence(change: Partial<Kill> = {}): Kill {
  const steps = [
    { name: "replication cable cut", at: 0, seconds: 0.4, seen: "" },
    { name: "kvm-mirror failover", at: 31, seconds: 6.2, seen: "failover: mirror-a went on <alone>" },
  ];
  return kill({
    kind: "cut-replication+destroy",
    recovery: "return",
    stall: 120,
    phases: [],
    sequence: { kind: "cut-then-destroy", steps },
    ...change,
  });
}

export function run(change: Partial<Run> = {}): Run {
  return {
    id: "lab-7-nbd",
    stack: "lab",
    mode: "manual",
    protocol: "nbd",
    seed: 7,
    virtualization: "qemu",
    started: "2026-11-21T05:59:00Z",
    ended: "2026-11-21T06:10:00Z",
    floor: [{ name: "fencing", seconds: 1.5 }],
    control: null,
    kills: [kill()],
    ...change,
  };
}

export function report(...runs: readonly Run[]): Report {
  return { version: 1, runs };
}

export const lost = { kind: "lost", lba: 17, detail: "seq 3 <acknowledged>, found seq 2" } as const;
