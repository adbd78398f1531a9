import type { InventoryVolume } from "../../src/inventory/inventory.ts";
import type { Situation } from "../situation.ts";
import { stateOf } from "../../harness/drbd.ts";
import type { System } from "../../harness/system.ts";
import { sleep, until } from "../../harness/until.ts";
import type { Fault } from "./fault.ts";
import { bothBack } from "./machines.ts";
import { cable, cut } from "./networks.ts";
import { messageOf } from "../../plugins/serving/messageOf.ts";

const always = (): boolean => true;

/** Has DRBD drop a mirror's disk at once, as after an I/O error; returns when it has. The other copy goes on. */
export async function detach(system: System, mirror: string, { name }: InventoryVolume): Promise<void> {
  await system.onMirror(mirror, `drbdadm detach --force ${name}`);
  await untilDisk(system, mirror, name, "Diskless", 60);
}

/**
 * Takes a disk that DRBD has dropped into use again. One that it has not dropped,
 * or that a cluster took into use meanwhile, is left alone.
 */
async function attach(system: System, mirror: string, { name }: InventoryVolume): Promise<void> {
  if ((await stateOf(system, mirror, name)).disk === "Diskless")
    await system.onMirror(mirror, `drbdadm attach ${name}`, 120);
}

/** Both machines run, and both disks are in use. */
export const disksBack: Fault["mend"] = async (system, situation, mode) => {
  await bothBack(system, situation, mode);
  for (const mirror of [situation.primary, situation.standby]) {
    await until(`the disk of ${mirror} is in use`, 400, async () => {
      await attach(system, mirror, situation.volume);
      return (await stateOf(system, mirror, situation.volume.name)).disk === "Diskless" ? "it is not" : undefined;
    });
  }
};

function untilDisk(system: System, mirror: string, volume: string, wanted: string, seconds: number): Promise<void> {
  return until(
    `the disk of ${mirror} is ${wanted}`,
    seconds,
    async () => {
      const { disk } = await stateOf(system, mirror, volume);
      return disk === wanted ? undefined : disk;
    },
    0.2,
  );
}

/**
 * The primary loses its disk, and works on the copy of the standby. An
 * operator has not noticed yet; a cluster hands the group over.
 */
export const diskless: Fault = {
  kind: "diskless",
  weight: 6,
  recovery: "none",
  handsOver: true,
  possible: always,
  target: ({ primary }) => `disk of ${primary}`,
  strike: (system, { primary, volume }) => detach(system, primary, volume),
  mend: disksBack,
};

export const disklessStandby: Fault = {
  kind: "diskless-standby",
  weight: 4,
  recovery: "none",
  possible: always,
  target: ({ standby }) => `disk of ${standby}`,
  strike: (system, { standby, volume }) => detach(system, standby, volume),
  mend: disksBack,
};

/** What status tells the operator to do: the group leaves the primary that has lost its disk. */
export const disklessSwitch: Fault = {
  kind: "diskless-switch",
  weight: 6,
  recovery: "switch",
  possible: always,
  target: ({ primary }) => `disk of ${primary}`,
  strike: (system, { primary, volume }) => detach(system, primary, volume),
  mend: disksBack,
};

/**
 * A primary without its disk loses the copy that it works on, and finds it again:
 * what clients wrote meanwhile waits, and nothing was acknowledged.
 */
export const disklessCut: Fault = {
  kind: "diskless-cut",
  weight: 6,
  recovery: "none",
  handsOver: true,
  possible: always,
  target: ({ primary }) => `disk of ${primary}, then replication network`,
  async strike(system, { primary, standbyHost, volume }) {
    await detach(system, primary, volume);
    await cut(system, standbyHost, ["cable-repl"], 20);
  },
  mend: disksBack,
};

/**
 * The last good copy's disk fails, for some seconds: the primary has gone on without the
 * standby, which is outdated. The disk is taken from its driver, so that
 * the kernel gives I/O errors: `detach --force` would have requests of the disk ended that
 * nothing can answer, which DRBD 8.4 does not get over (RQ_LOCAL_ABORTED
 * outlives RESTART_FROZEN_DISK_IO). The cable stays cut until the disk is back:
 * an outdated copy must not meet a primary that has none.
 */
export const lastDisk: Fault = {
  kind: "last-disk",
  weight: 4,
  recovery: "none",
  handsOver: true,
  // The kernel keeps a logical volume on the device that went, also when another one comes in its place.
  possible: ({ volume }) => volume.backing === undefined,
  target: ({ primary }) => `replication network, then disk of ${primary}`,
  async strike(system, situation, random) {
    const { primary, standby, standbyHost, volume } = situation;
    await cable(system, standbyHost, "cable-repl", "down");
    try {
      await until(`${primary} goes on without ${standby}`, 120, async () => {
        const { connection, peerDisk } = await stateOf(system, primary, volume.name);
        return connection !== "Connected" && peerDisk === "Outdated" ? undefined : `${connection}, ${peerDisk}`;
      });
    } catch (error) {
      await cable(system, standbyHost, "cable-repl", "up");
      throw error;
    }
    try {
      await failDisk(system, situation, 3 + 5 * random.next());
    } catch (error) {
      throw new Error(
        `the disk of ${primary} is not back, and the cable stays cut (on ${standbyHost}: ip link set ` +
          `cable-repl up, once it is): ${messageOf(error)}`,
      );
    }
    await cable(system, standbyHost, "cable-repl", "up");
  },
  mend: disksBack,
};

/** The primary's disk gives I/O errors until DRBD has dropped it and `seconds` have passed; then it works again. */
async function failDisk(system: System, { primary, volume }: Situation, seconds: number): Promise<void> {
  const driver = "/sys/bus/virtio/drivers/virtio_blk";
  const found = (
    await system.onMirror(
      primary,
      `disk=$(drbdadm sh-ll-dev ${volume.name}) && basename "$(readlink -f ` +
        `"/sys/block/$(basename "$(readlink -f "$disk")")/device")"`,
    )
  ).trim();
  if (!/^virtio\d+$/.test(found))
    throw new Error(`the disk of ${volume.name} on ${primary} is no virtio disk: ${found}`);
  await system.onMirror(primary, `echo ${found} >${driver}/unbind`);
  try {
    await untilDisk(system, primary, volume.name, "Diskless", 60);
    await sleep(seconds);
  } finally {
    await system.onMirror(
      primary,
      `echo ${found} >${driver}/bind && udevadm settle --timeout=30 && test -b "$(drbdadm sh-ll-dev ${volume.name})"`,
    );
    await attach(system, primary, volume);
  }
}
