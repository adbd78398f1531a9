import { awaitWhole } from "../harness/drbd.ts";
import type { Inventory, InventoryClient, InventoryClientDisk } from "../src/inventory/inventory.ts";
import { diskSerial } from "../src/plan/backing/backing.ts";
import { Refused } from "../src/refused.ts";
import { volumeNamed } from "../src/operate/stack/named.ts";
import { type Context, within } from "./context.ts";
import { answers, attachDirect, detachDirect, directSpots, modelFor } from "./direct.ts";
import type { Held } from "./diskSpeed.ts";
import { markCommand, needLeave } from "./guard.ts";
import { margin } from "./jobCommand.ts";
import { fill, needFio, stopJobs } from "./measure.ts";
import type { Report } from "./report/report.ts";
import type { Spot } from "./spot.ts";

/** What is measured, made ready, and how it is taken away again. */
export interface Rig {
  readonly spots: readonly Spot[];
  /** Bytes of each that are read and written. */
  readonly region: number;
  /** KVM host and domain that stand for the machine. */
  readonly host: string;
  readonly domain: string;
  /** Disks that `--disk-speed` is about. */
  readonly held: readonly Held[];
  /** What else is tried when everything was measured. */
  cuts?(): Promise<Report["cuts"]>;
  /** Also after a run that failed. */
  takeDown(): Promise<void>;
}

/**
 * The client whose disks are measured: the one that is named, else the first with disks.
 * @throws Refused when nobody can log in there
 */
export function clientOf({ stack, clients }: Inventory, named: string | undefined): InventoryClient {
  const client = clients.find(({ name, ssh, disks }) =>
    named === undefined ? ssh !== undefined && disks.length > 0 : name === named,
  );
  if (client?.ssh && client.disks.length > 0) return client;
  throw new Refused(
    (named === undefined
      ? `stack ${stack} has no client that it made, with a disk`
      : client === undefined
        ? `stack ${stack} has no client ${named}`
        : client.ssh === undefined
          ? `the stack did not make client ${named}: bench cannot log in there`
          : `client ${named} has no disk`) +
      ". bench measures in a client with `machine`, not `existing` (kvm-mirror:clients)",
  );
}

/** A spot for each protocol and bus that the client's disks have; the first disk of each kind stands for it. */
export function diskSpots(
  client: InventoryClient,
  direct: boolean,
): readonly (Spot & { readonly disk: InventoryClientDisk })[] {
  const kinds = new Map<string, InventoryClientDisk>();
  for (const disk of client.disks) {
    const kind = `${disk.protocol}-${disk.bus}`;
    if (!kinds.has(kind)) kinds.set(kind, disk);
  }
  return [...kinds].map(([kind, disk]) => ({
    name: kind,
    title: `${disk.protocol === "nbd" ? "NBD" : "iSCSI"} ${disk.bus === "sata" ? "SATA" : "virtio"}`,
    base: direct ? `direct-${disk.bus}` : null,
    place: { kind: "client", name: client.name },
    target: { kind: "serial", serial: disk.serial },
    disk,
  }));
}

/** Bytes of the smallest volume that are used: all but its ends, in whole MiB, and no more than were asked for. */
export function regionOf(sizes: readonly number[], asked: number): number {
  const most = Math.min(...sizes) - 2 * margin;
  return Math.min(asked, Math.floor(most / margin) * margin);
}

/** The disks on which volumes lie, on both mirrors. An LVM disk carries several. */
export function dataDisks(inventory: Inventory, volumes: readonly string[]): readonly Held[] {
  const serialOf = (volume: string): string => diskSerial(volume, volumeNamed(inventory, volume).backing);
  const serials = [...new Set(volumes.map(serialOf))];
  return inventory.mirrors.map(({ name, host }) => ({ host, domain: name, serials }));
}

/**
 * Asks first what is on the volumes, and only then changes something.
 * @throws Refused when there is something to lose
 */
export async function diskRig(context: Context): Promise<Rig> {
  const { system, options } = context;
  const client = clientOf(system.inventory, options.client);
  const place = { kind: "client", name: client.name } as const;
  const spots = diskSpots(client, options.direct);
  const volumes = spots.map(({ disk }) => volumeNamed(system.inventory, disk.volume));
  const region = regionOf(
    volumes.map(({ size }) => size),
    options.size,
  );
  const buses = [...new Set(spots.map(({ disk }) => disk.bus))];
  if (options.direct) modelFor(context, client, buses);
  // `pulumi up` ends before a client has booted.
  await answers(context, client.name);
  await needFio(context, place);
  await stopJobs(context, [place]);
  // A resync would be measured as well.
  await awaitWhole(system, 60);
  for (const { disk, target } of spots) await needLeave(context, disk.volume, { place, target });
  const takeDown = async (): Promise<void> => {
    if (options.direct) await detachDirect(context, client);
  };
  try {
    if (options.direct) await attachDirect(context, client, volumes[0]?.name ?? "", buses, region);
    for (const { target } of spots) await within(context, place, markCommand(target));
    const all = [...spots, ...(options.direct ? directSpots(client.name, buses) : [])];
    for (const spot of all) if (context.wanted()) await fill(context, spot, region);
    const held: readonly Held[] = [
      ...dataDisks(
        system.inventory,
        volumes.map(({ name }) => name),
      ),
      ...(options.direct
        ? [{ host: client.host, domain: client.name, serials: buses.map((bus) => `bench-direct-${bus}`) }]
        : []),
    ];
    return { spots: all, region, host: client.host, domain: client.name, held, takeDown };
  } catch (error) {
    await takeDown();
    throw error;
  }
}
