import { minorOf, stateOf } from "../../harness/drbd.ts";
import { until } from "../../harness/until.ts";
import { failoverRefused } from "./cuts.ts";
import type { Scene, Sequence, Step } from "./sequence.ts";
import { cut, destroy, goesOnAlone, heal, meet, serviceReturns, start, wait } from "./steps.ts";

/** The standby takes everything anew, slowly. */
const resyncBegins: Step = {
  name: "standby synchronises slowly",
  async run(scene) {
    const { system, situation, patience } = scene;
    const { standby, volume } = situation;
    scene.undo("slow synchronisation", () => adjust(scene));
    await system.onMirror(
      standby,
      `drbdsetup disk-options ${minorOf(volume.device)} --c-max-rate=1M ` +
        `--c-min-rate=1M --c-fill-target=0 && drbdadm invalidate ${volume.name}`,
    );
    await until(
      `${standby} synchronises`,
      patience.failover,
      async () => {
        const { connection } = await stateOf(system, standby, volume.name);
        return connection === "SyncTarget" ? undefined : connection;
      },
      0.2,
    );
  },
};

const atFullSpeed: Step = { name: "synchronisation at full speed", run: (scene) => adjust(scene) };

async function adjust({ system, situation }: Scene): Promise<void> {
  await system.onMirror(situation.standby, `drbdadm adjust ${situation.volume.name} >/dev/null 2>&1`);
}

/**
 * The standby comes back, and in the middle of being brought up to date it
 * loses the primary: first the cable, then the machine.
 */
export const resyncCutKill: Sequence = {
  kind: "resync-cut-kill",
  weight: 8,
  modes: ["manual", "automatic"],
  plan: ({ random }) => ({
    faults: ["destroy-standby", "cut-during-resync", "destroy"],
    recovery: "return",
    steps: [
      destroy("standby"),
      goesOnAlone,
      start("standby"),
      meet,
      resyncBegins,
      wait(3 + 5 * random.next()),
      cut(["replication"]),
      goesOnAlone,
      destroy("primary"),
      failoverRefused(),
      heal(["replication"]),
      atFullSpeed,
      serviceReturns,
    ],
  }),
};
