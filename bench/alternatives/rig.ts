import { mirrorNamed, otherMirror } from "../../src/operate/stack/named.ts";
import { Refused } from "../../src/refused.ts";
import { type Context, hostSeconds, within } from "../context.ts";
import { unplugging } from "../direct.ts";
import { dataDisks, type Rig, regionOf } from "../disks.ts";
import { markCommand, needLeave } from "../guard.ts";
import { margin } from "../jobCommand.ts";
import { fill, needFio, stopJobs } from "../measure.ts";
import { endOnMirrors, endServers, wholeScratch } from "../scratch.ts";
import { logInCommand, lio, startCommand, targetOf } from "../servers.ts";
import type { Spot } from "../spot.ts";
import { type Alternative, alternatives, alternativesCommand, type Half } from "./commands.ts";
import { cutEach } from "./cut.ts";

/** What a pool of ZFS needs beside the volume that it carries: it keeps 128 MiB for itself. */
const roomOfPool = 512 * 2 ** 20;
const serial = "bench-direct-virtio";

/**
 * Five ways to have a volume on both mirrors, side by side: the stack's own, and four others on a disk that each mirror
 * gets for the run. fio works on the primary, on what a VM there would have. Then the replication network is
 * cut under each of them.
 * @throws Refused when there is something to lose, something is missing, or nothing can be cut
 */
export async function alternativesRig(context: Context): Promise<Rig> {
  const { system, options, hostScript, say } = context;
  const { inventory } = system;
  const { volume, primary } = await wholeScratch(context);
  const [here, there] = [mirrorNamed(inventory, primary), otherMirror(inventory, primary)];
  const half = (one: typeof here, other: typeof here): Half => ({
    place: { kind: "mirror", name: one.name },
    self: one.replicationAddress,
    peer: other.replicationAddress,
  });
  const [upper, lower] = [half(here, there), half(there, here)];
  await needCable(context, there.host);
  for (const { place } of [upper, lower]) await needAll(context, place);
  await needFio(context, upper.place);
  await stopJobs(context, [upper.place]);
  const region = regionOf([volume.size], options.size);
  const bytes = region + 2 * margin;
  const own: Spot = {
    name: "drbd",
    title: "DRBD on the disk",
    base: "disk",
    place: upper.place,
    target: { kind: "device", path: volume.device },
  };
  await needLeave(context, volume.name, own);
  const takeDown = (): Promise<void> => endOnMirrors(context);
  try {
    await endServers(context);
    await within(context, own.place, markCommand(own.target));
    for (const { name, host } of [here, there]) {
      const size = String(5 * (bytes + roomOfPool) + 16 * margin);
      const words = ["plug", hostSeconds(context, unplugging), name, size, name, volume.name];
      await hostScript(host, 180, "bench-disks.sh", ...words);
    }
    const disk = String(bytes + roomOfPool);
    for (const { place, peer } of [upper, lower])
      await within(context, place, alternativesCommand("disk", serial, disk, peer), 120);
    const bare = await pathOf(context, upper, "disk", bytes);
    const spots: Spot[] = [
      { name: "disk", title: "a disk alone", base: null, place: upper.place, target: { kind: "device", path: bare } },
      own,
    ];
    for (const alternative of alternatives) {
      say(`${alternative.title}: made on both mirrors`);
      spots.push(await made(context, alternative, upper, lower, bytes));
    }
    for (const spot of spots) if (context.wanted()) await fill(context, spot, region);
    return {
      spots,
      region,
      host: here.host,
      domain: primary,
      held: dataDisks(inventory, [volume.name]).map(({ serials, ...rest }) => ({
        ...rest,
        serials: [...serials, serial],
      })),
      cuts: () => cutEach(context, spots.slice(1), upper, lower, volume, there.host),
      takeDown,
    };
  } catch (error) {
    await takeDown();
    throw error;
  }
}

async function made(
  context: Context,
  { name, title, kind }: Alternative,
  upper: Half,
  lower: Half,
  bytes: number,
): Promise<Spot> {
  for (const { place, self, peer } of [lower, upper])
    await within(context, place, alternativesCommand("lower", name, String(bytes), self, peer), 180);
  const path =
    name === "zfs-over-iscsi"
      ? await pathOf(context, upper, name, bytes, await otherHalf(context, name, upper, lower))
      : await pathOf(context, upper, name, bytes);
  return { name, title, base: "disk", place: upper.place, target: { kind, path } };
}

/** Has the standby serve its part by iSCSI, and the primary log in to it. @returns the disk on the primary */
async function otherHalf(context: Context, name: string, upper: Half, lower: Half): Promise<string> {
  const part = (await within(context, lower.place, alternativesCommand("part", name))).trim();
  await within(context, lower.place, startCommand(lio, lower.self, part, [upper.self]), 150);
  await within(context, upper.place, logInCommand(lio, lower.self), 90);
  const target = targetOf(lio, lower.self);
  if (target.kind !== "device") throw new Error(`${lio.title} serves no disk`);
  return target.path;
}

async function pathOf(
  context: Context,
  { place, self, peer }: Half,
  name: string,
  bytes: number,
  ...more: readonly string[]
): Promise<string> {
  const words = [name, String(bytes), self, peer, ...more];
  return (await within(context, place, alternativesCommand("upper", ...words), 300)).trim();
}

/** @throws Refused with what a mirror lacks */
async function needAll(context: Context, place: Spot["place"]): Promise<void> {
  const missing = (await within(context, place, alternativesCommand("lacks"))).trim().split("\n").join(", ");
  if (missing === "") return;
  throw new Refused(
    `${place.name} lacks ${missing}. The image of the lab's stack lab-alternatives has it all: ` +
      "npm run lab -- --stack lab-alternatives",
  );
}

/** @throws Refused where the replication network is none of the lab's cables */
async function needCable(context: Context, host: string): Promise<void> {
  const found = await context.system.onHost(host, "ip -brief link show cable-repl 2>/dev/null || echo none");
  if (found.trim() !== "none") return;
  throw new Refused(
    `the replication network of ${host} is none of the lab's cables, and would have to be cut for ` +
      `${context.options.cut} s. ` +
      "The alternatives are compared in the lab alone: npm run lab -- --stack lab-alternatives",
  );
}
