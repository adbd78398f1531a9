import type { Fault } from "../faults/fault.ts";
import { freezeAndThaw } from "../faults/machines.ts";
import { cutBoth, cutReplication, partMirrors } from "../faults/networks.ts";
import { judgeAnswer, lacksWrites } from "./operator.ts";
import type { Sequence, Step } from "./sequence.ts";
import { destroy, serviceReturns, strike, wait } from "./steps.ts";

/**
 * Nobody can say beforehand whether the standby has everything again: refused, the old
 * primary brings the service back; done, nothing may be missing.
 */
const failoverOrReturn: Step = {
  name: "kvm-mirror failover",
  async run(scene) {
    const done = await scene.system.operate("failover", ["all"], scene.patience.failover);
    if (done.status === 0) return "done";
    const { passed, detail } = judgeAnswer("failover", done, { answer: "refused", words: lacksWrites });
    scene.audits.push({ name: "kvm-mirror failover is done, or refused for what is missing", passed, detail });
    await serviceReturns.run(scene);
    return detail;
  },
};

/** @param faults those that are over by themselves, and leave the primary where it is */
export function faultThenDestroyOf(faults: readonly Fault[]): Sequence {
  return {
    kind: "fault-then-destroy",
    weight: 12,
    modes: ["manual"],
    plan({ random, situation }) {
      const fault = random.pick(
        faults.filter((one) => one.possible(situation)),
        ({ weight }) => weight,
      );
      return {
        faults: [fault.kind, "destroy"],
        recovery: "failover",
        steps: [strike(fault), wait(10 * random.next()), destroy("primary"), failoverOrReturn],
      };
    },
  };
}

/**
 * A fault that has just passed, while its traces are being mended, and the death of the
 * primary. A cluster may have fenced somebody by then: by hand alone.
 */
export const faultThenDestroy: Sequence = faultThenDestroyOf([freezeAndThaw, cutReplication, cutBoth, partMirrors]);
