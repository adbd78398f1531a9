import { diskSerial } from "../../src/plan/backing/backing.ts";
import { failoverRefused, switchToStandby } from "./cuts.ts";
import { failsOver } from "./failsOver.ts";
import type { Scene, Sequence, Step } from "./sequence.ts";
import { destroy, goesOnAlone, serviceReturns, standbyServes, wait } from "./steps.ts";

type Part = "primary" | "standby";

/** Limits a mirror's disk of the volume; 0: no limit, as after its next start. Its reads hang as well. */
async function limit({ system, situation }: Scene, part: Part, bytesPerSecond: 0 | 1): Promise<void> {
  const { volume, [part]: mirror } = situation;
  const host = part === "primary" ? situation.primaryHost : situation.standbyHost;
  const serial = diskSerial(volume.name, volume.backing);
  await system.onHost(
    host,
    (bytesPerSecond === 0 ? `[ "$(virsh domstate ${mirror})" != "shut off" ] || exit 0; ` : "") +
      `target=$(virsh dumpxml ${mirror} --xpath "//disk[serial='${serial}']/target/@dev" | cut -d '"' -f 2) && ` +
      `test -n "$target" && virsh blkdeviotune ${mirror} "$target" --total-bytes-sec ${bytesPerSecond} --live`,
  );
}

/** A mirror's disk takes requests and answers none of them, until `diskAnswers`. Its kernel waits, and lives. */
const diskHangs = (part: Part): Step => ({
  name: `${part}'s disk hangs`,
  async run(scene) {
    scene.undo("hanging disk", () => limit(scene, part, 0));
    await limit(scene, part, 1);
    return scene.situation[part];
  },
});

const diskAnswers: Step = { name: "standby's disk answers", run: (scene) => limit(scene, "standby", 0) };

/**
 * DRBD of the primary gives the standby up after `ko-count`, and goes on alone: the standby cannot note that it is
 * out of date, on a disk that takes nothing. Then the primary dies, and the disk works again. A cluster may turn the
 * standby off and on meanwhile, because its agent gets no answer there; the disk then answers at once.
 */
export const diskHangsThenDestroy: Sequence = {
  kind: "disk-hangs-then-destroy",
  weight: 8,
  modes: ["manual", "automatic"],
  plan: ({ random }) => ({
    faults: ["standby-disk-hangs", "destroy"],
    recovery: "return",
    steps: [
      diskHangs("standby"),
      goesOnAlone,
      wait(5 + 10 * random.next()),
      destroy("primary"),
      failoverRefused(),
      diskAnswers,
      failoverRefused(),
      serviceReturns,
    ],
  }),
};

/**
 * The primary's own disk answers nothing: no write is acknowledged, and none is lost. By hand a switch has to be
 * refused, or to fail, and nobody may be Primary of it twice. Then the operator pulls its plug.
 */
export const primaryDiskHangsThenDestroy: Sequence = {
  kind: "primary-disk-hangs-then-destroy",
  weight: 8,
  modes: ["manual", "automatic"],
  plan: ({ mode, random }) => ({
    faults: ["primary-disk-hangs", "destroy"],
    recovery: "failover",
    steps: [
      diskHangs("primary"),
      wait(5 + 10 * random.next()),
      ...(mode === "manual"
        ? [switchToStandby({ answer: "refused", words: /answers nothing|stays Primary|did not leave/i })]
        : []),
      destroy("primary"),
      failsOver,
    ],
  }),
};

/** The mirror that took over dies, and with it the only copy of what it has acknowledged meanwhile. */
const survivorDestroyed: Step = {
  name: "survivor destroyed",
  async run(scene) {
    const { oracle, patience } = scene;
    await oracle.awaitAcknowledged(oracle.history.acknowledged + 100, patience.failover);
    const target = await destroy("standby").run(scene);
    await scene.rest();
    return target;
  },
};

/**
 * The same, and nobody comes: the cluster turns the primary off after `failover.diskTimeout`. Then the mirror that took
 * over dies, and the service returns with it, and with nothing else.
 */
export const primaryDiskHangsThenSurvivorDies: Sequence = {
  kind: "primary-disk-hangs-then-survivor-dies",
  weight: 8,
  modes: ["automatic"],
  plan: () => ({
    faults: ["primary-disk-hangs", "destroy"],
    recovery: "return",
    steps: [diskHangs("primary"), standbyServes, survivorDestroyed, serviceReturns],
  }),
};
