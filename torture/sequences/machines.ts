import type { Sequence } from "./sequence.ts";
import { failoverRefused, switchToStandby } from "./cuts.ts";
import { failsOver } from "./failsOver.ts";
import { fillDisk, freeDisk } from "./fullDisk.ts";
import { managedSave } from "./managedSave.ts";
import { destroy, freezePrimary, goesOnAlone, serviceReturns, start } from "./steps.ts";

/** A planned switch away from a primary that says nothing any more; then the right command. */
export const freezeThenSwitch: Sequence = {
  kind: "freeze-then-switch",
  weight: 8,
  modes: ["manual", "automatic"],
  plan: ({ mode }) => ({
    faults: ["freeze", "wrong-switch"],
    recovery: "failover",
    // A cluster may have failed over while it was typed: then there is nothing to switch.
    steps: [
      freezePrimary,
      switchToStandby({ answer: mode === "manual" ? "refused" : "harmless", words: /answer|asked|dead/i }),
      failsOver,
    ],
  }),
};

/** The standby's own disk, that of its operating system, is full when it has to take over. */
export const fullDiskThenDestroy: Sequence = {
  kind: "full-disk-then-destroy",
  weight: 8,
  modes: ["manual", "automatic"],
  plan: () => ({
    faults: ["full-disk", "destroy"],
    recovery: "failover",
    steps: [fillDisk, destroy("primary"), failsOver, freeDisk],
  }),
};

/**
 * The primary's machine is saved to disk, as a KVM host that shuts down may do it, and
 * woken when the other mirror has taken over: an old Primary in its memory.
 */
export const managedSaveThenFailover: Sequence = {
  kind: "managed-save-then-failover",
  weight: 8,
  modes: ["manual", "automatic"],
  plan: () => {
    const { save, comesBackFresh } = managedSave();
    return { faults: ["managed-save", "start"], recovery: "failover", steps: [save, failsOver, comesBackFresh] };
  },
};

/**
 * The primary goes on alone after the standby's death, dies itself, and the standby is
 * started first: it cannot know. A cluster starts what it has fenced, so
 * that the order is not in an operator's hands there.
 */
export const standbyFirst: Sequence = {
  kind: "destroy-standby-then-destroy-primary-then-standby-first",
  weight: 8,
  modes: ["manual"],
  plan: () => ({
    faults: ["destroy-standby", "destroy"],
    recovery: "return",
    steps: [destroy("standby"), goesOnAlone, destroy("primary"), start("standby"), failoverRefused(), serviceReturns],
  }),
};
