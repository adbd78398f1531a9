import type { Step } from "./sequence.ts";

/** The right command for a lost primary, or the cluster's own failover; refused, it ends the sequence. */
export const failsOver: Step = {
  name: "failover",
  async run({ system, situation, mode, patience, audits }) {
    const phases = await mode.failover(system, situation, { seconds: patience.failover, word: false });
    audits.push({ name: "failover is done", passed: true, detail: mode.name });
    return phases.map(({ name, seconds }) => `${name} ${seconds.toFixed(1)} s`).join(", ");
  },
};
