import type { Sequence, Scene } from "./sequence.ts";
import { clusterDecides, type Expected, lacksWrites, types } from "./operator.ts";
import { cut, cutAll, destroy, goesOnAlone, heal, healAll, meet, serviceReturns, wait } from "./steps.ts";

/** `npm run failover -- all`, which must not go through. */
export const failoverRefused = (words: RegExp = lacksWrites) =>
  types("failover", () => ["all"], ({ mode }): Expected => ({ answer: "refused", words: mode.name === "manual" ? words : clusterDecides }));

export const switchToStandby = (expected: Expected) => types("switch", ({ situation }: Scene) => ["all", "--to", situation.standby], () => expected);

/** The primary goes on alone, and dies before the standby has its writes. */
export const cutThenDestroy: Sequence = {
  kind: "cut-then-destroy", faults: ["cut-replication", "destroy"], weight: 10, modes: ["manual", "automatic"], recovery: "return",
  steps: ({ random }) => [
    cut(["replication"]),
    goesOnAlone,
    wait(5 + 10 * random.next()),
    destroy("primary"),
    failoverRefused(),
    heal(["replication"]),
    serviceReturns,
  ],
};

/**
 * The KVM hosts lose each other in every network, and the primary goes on for the client beside it. Then everybody answers again, and only replication does not:
 * the standby looks as good as it did before, and an operator may think that a failover helps.
 */
export const cutAllHealSomeFailover: Sequence = {
  kind: "cut-all-heal-some-failover", faults: ["cut-all", "heal-some"], weight: 10, modes: ["manual", "automatic"], recovery: "switch", clientBeside: true,
  steps: ({ mode }) => [
    cutAll,
    // A cluster that cannot fence has its clients wait.
    ...(mode === "manual" ? [goesOnAlone] : []),
    wait(mode === "manual" ? 20 : 45),
    heal(["storage", "management"]),
    failoverRefused(/alone|stale|newer|outdated|answers|refus/i),
    heal(["replication"]),
    meet,
    switchToStandby({ answer: "done" }),
  ],
};

/** The same, and the primary dies before the cables are healed: what it wrote alone, its KVM host knows of. */
export const cutAllThenKillPrimary: Sequence = {
  kind: "cut-all-then-kill-primary-then-failover", faults: ["cut-all", "destroy"], weight: 10, modes: ["manual", "automatic"], recovery: "return", clientBeside: true,
  steps: ({ mode, random }) => [
    cutAll,
    ...(mode === "manual" ? [goesOnAlone] : [wait(30)]),
    wait(10 * random.next()),
    destroy("primary"),
    healAll,
    failoverRefused(/alone/i),
    serviceReturns,
  ],
};
