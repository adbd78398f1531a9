import { diskless, disksBack } from "../faults/disks.ts";
import { switchToStandby } from "./cuts.ts";
import { failsOver } from "./failsOver.ts";
import type { Sequence, Step } from "./sequence.ts";
import { cut, destroy, heal, strike, wait } from "./steps.ts";

/** The primary loses its disk, and works on the standby's alone. */
const losesDisk: Step = {
  ...strike(diskless),
  async run(scene) {
    scene.undo("lost disk", () => disksBack(scene.system, scene.situation, scene.mode));
    return strike(diskless).run(scene);
  },
};

/**
 * And then the only copy, for a while: writes wait, and nothing is acknowledged that is on
 * no disk. A switch is right before and after, not in between. A cluster
 * hands the group over as soon as the disk is lost.
 */
export const disklessThenCut: Sequence = {
  kind: "diskless-then-cut",
  weight: 8,
  modes: ["manual"],
  plan: ({ random }) => ({
    faults: ["diskless", "cut-replication"],
    recovery: "switch",
    steps: [
      losesDisk,
      cut(["replication"]),
      wait(20 + 10 * random.next()),
      switchToStandby({ answer: "refused", words: /connected|wait|answer|asked|suspended|stays/i }),
      heal(["replication"]),
      {
        name: "replication is back",
        run: ({ oracle, patience }) => oracle.awaitAcknowledged(oracle.history.acknowledged + 100, patience.calm),
      },
      switchToStandby({ answer: "done" }),
    ],
  }),
};

/** And then dies: the standby has every write that was acknowledged. */
export const disklessThenDestroy: Sequence = {
  kind: "diskless-then-destroy",
  weight: 8,
  modes: ["manual"],
  plan: ({ random }) => ({
    faults: ["diskless", "destroy"],
    recovery: "failover",
    steps: [losesDisk, wait(5 + 10 * random.next()), destroy("primary"), failsOver],
  }),
};
