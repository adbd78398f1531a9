import { awaitWhole, stateOf } from "../harness/drbd.ts";
import type { InventoryVolume } from "../src/inventory/inventory.ts";
import { mirrorNamed, otherMirror } from "../src/operate/stack/named.ts";
import { type Context, within } from "./context.ts";
import { connected, patience } from "./scratch.ts";
import { nbdServer, targetOf } from "./servers.ts";
import type { Situation, Spot } from "./spot.ts";

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

/** Spots from the bare disk up, each one layer more than the one before. */
export function layerSpots(
  context: Context,
  volume: InventoryVolume,
  primary: string,
  guests: readonly Spot[],
): readonly Spot[] {
  const { inventory } = context.system;
  const here = { kind: "mirror", name: primary } as const;
  const served = targetOf(nbdServer, mirrorNamed(inventory, primary).storageAddress);
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
    over("drbd", "nbd-local", "NBD, same mirror", { place: here, target: served }),
    over("nbd-local", "nbd-network", "NBD, other mirror", {
      place: { kind: "mirror", name: otherMirror(inventory, primary).name },
      target: served,
    }),
    // fio opens no iSCSI target itself: what all of iSCSI adds to DRBD.
    ...guests.map(({ name, title, place, target }) =>
      over(name.startsWith("nbd-") ? "nbd-network" : "drbd", `guest-${name}`, `guest, ${title}`, { place, target }),
    ),
  ];
}

type Rest = Pick<Spot, "place" | "target" | "situation">;
