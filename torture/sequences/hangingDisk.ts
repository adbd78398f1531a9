import { lvmSerial } from "../../src/plan/backing/lvm.ts";
import { failoverRefused } from "./cuts.ts";
import type { Scene, Sequence, Step } from "./sequence.ts";
import { destroy, goesOnAlone, serviceReturns, wait } from "./steps.ts";

/** Limits the standby's disk of the volume; 0: no limit, as after its next start. Its reads hang as well. */
async function limit({ system, situation }: Scene, bytesPerSecond: 0 | 1): Promise<void> {
  const { standby, standbyHost, volume } = situation;
  const serial = volume.backing === "lvm" ? lvmSerial : volume.name;
  await system.onHost(
    standbyHost,
    (bytesPerSecond === 0 ? `[ "$(virsh domstate ${standby})" != "shut off" ] || exit 0; ` : "") +
      `target=$(virsh dumpxml ${standby} --xpath "//disk[serial='${serial}']/target/@dev" | cut -d '"' -f 2) && ` +
      `test -n "$target" && virsh blkdeviotune ${standby} "$target" --total-bytes-sec ${bytesPerSecond} --live`,
  );
}

/** The standby's disk takes requests and answers none of them, until `diskAnswers`. Its kernel waits, and lives. */
const diskHangs: Step = {
  name: "standby's disk hangs",
  async run(scene) {
    scene.undo("hanging disk", () => limit(scene, 0));
    await limit(scene, 1);
    return scene.situation.standby;
  },
};

const diskAnswers: Step = { name: "standby's disk answers", run: (scene) => limit(scene, 0) };

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
      diskHangs,
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
