import { awaitWhole, stateOf } from "../harness/drbd.ts";
import type { Inventory, InventoryVolume } from "../src/inventory/inventory.ts";
import { mirrorNamed, otherMirror } from "../src/operate/stack/named.ts";
import { Refused } from "../src/refused.ts";
import { type Context, within } from "./context.ts";
import { serverUri } from "./ownServer.ts";
import type { Situation, Spot } from "./spot.ts";

/** Seconds; a resync of what was written alone is waited for. */
export const patience = 600;

/** The volume on which layers are measured: exported to nobody, and no client's. @throws Refused when there is none */
export function scratchOf({ stack, volumes, exports, clients }: Inventory): InventoryVolume {
  const free = volumes.find(
    ({ name }) =>
      !exports.some(({ volume }) => volume === name) &&
      !clients.some(({ disks }) => disks.some(({ volume }) => volume === name)),
  );
  if (free) return free;
  throw new Refused(
    `stack ${stack} has no volume without exports, which no client has: layers are measured on such a one, because ` +
      "its mirrors are disconnected for it. Give the stack one, in a group of its own (kvm-mirror:volumes)",
  );
}

/** The scratch volume without its peer, which has to be brought up to date afterwards. */
function alone(context: Context, mirror: string, volume: string): Situation {
  const place = { kind: "mirror", name: mirror } as const;
  return {
    name: "alone",
    async enter() {
      await within(context, place, `drbdadm disconnect ${volume}`);
      const { connection, role } = await stateOf(context.system, mirror, volume);
      if (connection !== "StandAlone" || role !== "Primary")
        throw new Error(`${volume} on ${mirror} is ${connection} and ${role}, not StandAlone and Primary`);
    },
    async leave() {
      await connected(context, mirror, volume);
      await awaitWhole(context.system, patience);
    },
  };
}

/** Has the scratch volume look for its peer, where it was told not to. */
export async function connected(context: Context, mirror: string, volume: string): Promise<void> {
  if ((await stateOf(context.system, mirror, volume)).connection === "StandAlone")
    await within(context, { kind: "mirror", name: mirror }, `drbdadm connect ${volume}`);
}

/** Spots from the bare disk up, each one layer more than the one before. */
export function layerSpots(
  context: Context,
  volume: InventoryVolume,
  primary: string,
  guests: readonly Spot[],
): readonly Spot[] {
  const { inventory } = context.system;
  const here = { kind: "mirror", name: primary } as const;
  const uri = serverUri(mirrorNamed(inventory, primary).storageAddress);
  const device = { kind: "device", path: volume.device } as const;
  const over = (above: string, name: string, title: string, rest: Rest): Spot => ({
    name,
    title,
    base: "disk",
    above,
    ...rest,
  });
  return [
    {
      name: "disk",
      title: "bare disk in the mirror",
      base: null,
      place: here,
      target: { kind: "serial", serial: "bench-direct-virtio" },
    },
    over("disk", "drbd-alone", "DRBD, disconnected", {
      place: here,
      target: device,
      situation: alone(context, primary, volume.name),
    }),
    over("drbd-alone", "drbd", "DRBD, connected", { place: here, target: device }),
    over("drbd", "nbd-local", "NBD, same mirror", { place: here, target: { kind: "nbd", uri } }),
    over("nbd-local", "nbd-network", "NBD, other mirror", {
      place: { kind: "mirror", name: otherMirror(inventory, primary).name },
      target: { kind: "nbd", uri },
    }),
    // fio opens no iSCSI target itself: what all of iSCSI adds to DRBD.
    ...guests.map(({ name, title, place, target }) =>
      over(name.startsWith("nbd-") ? "nbd-network" : "drbd", `guest-${name}`, `guest, ${title}`, { place, target }),
    ),
  ];
}

type Rest = Pick<Spot, "place" | "target" | "situation">;
