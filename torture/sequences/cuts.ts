import type { Scene, Sequence, Step } from "./sequence.ts";
import { clusterDecides, type Expected, lacksWrites, types } from "./operator.ts";
import { cut, cutAll, destroy, goesOnAlone, heal, healAll, meet, serviceReturns, wait } from "./steps.ts";

/** `kvm-mirror failover all`, which must not go through. By hand the reason has to name what the standby lacks. */
export const failoverRefused = (words: RegExp = lacksWrites): Step =>
  types(
    "failover",
    () => ["all"],
    ({ mode }): Expected => ({ answer: "refused", words: mode.name === "manual" ? words : clusterDecides }),
  );

export const switchToStandby = (expected: Expected): Step =>
  types(
    "switch",
    ({ situation }: Scene) => ["all", "--to", situation.standby],
    () => expected,
  );

/** The primary goes on alone, and dies before the standby has its writes. */
export const cutThenDestroy: Sequence = {
  kind: "cut-then-destroy",
  weight: 10,
  modes: ["manual", "automatic"],
  plan: ({ random }) => ({
    faults: ["cut-replication", "destroy"],
    recovery: "return",
    steps: [
      cut(["replication"]),
      goesOnAlone,
      wait(5 + 10 * random.next()),
      destroy("primary"),
      failoverRefused(),
      heal(["replication"]),
      serviceReturns,
    ],
  }),
};

/**
 * The KVM hosts lose each other in every network, and the primary goes on for the client
 * beside it. Then everybody answers again, and only replication does not:
 * the standby looks as good as it did before, and an operator may think that a
 * failover helps. A cluster that cannot fence has its clients wait.
 */
export const cutAllHealSomeFailover: Sequence = {
  kind: "cut-all-heal-some-failover",
  weight: 10,
  modes: ["manual", "automatic"],
  clientBeside: true,
  plan: ({ mode }) => ({
    faults: ["cut-all", "heal-some"],
    recovery: "switch",
    steps: [
      cutAll,
      ...(mode === "manual" ? [goesOnAlone, wait(20)] : [wait(45)]),
      heal(["storage", "management"]),
      failoverRefused(/alone|stale|newer|outdated|answers/i),
      heal(["replication"]),
      meet,
      switchToStandby({ answer: "done" }),
    ],
  }),
};

/** The same, and the primary dies before the cables are healed: what it wrote alone, its KVM host knows of. */
export const cutAllThenKillPrimary: Sequence = {
  kind: "cut-all-then-kill-primary-then-failover",
  weight: 10,
  modes: ["manual", "automatic"],
  clientBeside: true,
  plan: ({ mode, random }) => ({
    faults: ["cut-all", "destroy"],
    recovery: "return",
    steps: [
      cutAll,
      mode === "manual" ? goesOnAlone : wait(30),
      wait(10 * random.next()),
      destroy("primary"),
      healAll,
      failoverRefused(/alone/i),
      serviceReturns,
    ],
  }),
};
