import type { Sequence } from "./sequence.ts";
import { switchToStandby } from "./cuts.ts";
import { freezePrimary } from "./steps.ts";
import { failsOver } from "./failsOver.ts";

/** A planned switch away from a primary that says nothing any more; then the right command. */
export const freezeThenSwitch: Sequence = {
  kind: "freeze-then-switch", faults: ["freeze", "wrong-switch"], weight: 8, modes: ["manual", "automatic"], recovery: "failover",
  steps: ({ mode }) => [
    freezePrimary,
    // A cluster may have failed over while it was typed: then there is nothing to switch.
    switchToStandby({ answer: mode === "manual" ? "refused" : "harmless", words: /answer|asked|dead/i }),
    failsOver,
  ],
};
