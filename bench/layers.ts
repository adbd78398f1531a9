import { awaitWhole } from "../harness/drbd.ts";
import { until } from "../harness/until.ts";
import { mirrorNamed, volumeNamed } from "../src/operate/stack/named.ts";
import { Refused } from "../src/refused.ts";
import { type Context, hostSeconds, within } from "./context.ts";
import { unplugging } from "./direct.ts";
import { clientOf, dataDisks, diskSpots, type Rig, regionOf } from "./disks.ts";
import { markCommand, needLeave } from "./guard.ts";
import { margin } from "./jobCommand.ts";
import { connected, layerSpots, patience, scratchOf } from "./layerSpots.ts";
import { fill, needFio, serving, stopJobs } from "./measure.ts";
import { greets, startServer, stopServer } from "./ownServer.ts";
import type { Spot } from "./spot.ts";

/** @throws Refused when there is something to lose, or a cluster would take a disconnected volume for a fault */
export async function layerRig(context: Context): Promise<Rig> {
  const { system, options, hostScript } = context;
  const { inventory } = system;
  if (inventory.failover.mode !== "manual")
    throw new Refused("layers are measured under manual failover alone: a cluster acts when a volume is disconnected");
  const volume = scratchOf(inventory);
  const primary = await serving(context, volume.name);
  const mirror = mirrorNamed(inventory, primary);
  const client = clientOf(inventory, options.client);
  const guests = diskSpots(client, false).filter(({ disk }) => disk.bus === "virtio");
  const spots = layerSpots(context, volume, primary, guests);
  const sizes = [volume, ...guests.map(({ disk }) => volumeNamed(inventory, disk.volume))].map(({ size }) => size);
  const region = regionOf(sizes, options.size);
  const places = [...new Map(spots.map(({ place }) => [place.name, place])).values()];
  for (const place of places) await needFio(context, place);
  await stopJobs(context, places);
  // A run that was killed may have left it so.
  await connected(context, primary, volume.name);
  await awaitWhole(system, patience);
  const written = [
    { name: volume.name, at: spots.find(({ name }) => name === "drbd") as Spot },
    ...guests.map((guest) => ({ name: guest.disk.volume, at: guest as Spot })),
  ];
  for (const { name, at } of written) await needLeave(context, name, at);
  const takeDown = (): Promise<void> => endLayers(context);
  try {
    const size = String(region + 2 * margin);
    const words = ["plug", hostSeconds(context, unplugging), primary, size, primary, volume.name];
    await hostScript(mirror.host, 180, "bench-disks.sh", ...words);
    for (const { at } of written) await within(context, at.place, markCommand(at.target));
    const here = { kind: "mirror", name: primary } as const;
    await within(context, here, startServer(mirror.storageAddress, volume.device, inventory.mirrors));
    await until(
      "bench's NBD server greets",
      120,
      async () => void (await within(context, here, greets(mirror.storageAddress), 20)),
    );
    const disk = spots.filter(({ name }) => name === "disk");
    for (const spot of [...disk, ...written.map(({ at }) => at)])
      if (context.wanted()) await fill(context, spot, region);
    const volumes = written.map(({ name }) => name);
    const held = dataDisks(inventory, volumes).map(({ serials, ...rest }) => ({
      ...rest,
      serials: rest.domain === primary ? [...serials, "bench-direct-virtio"] : serials,
    }));
    return { spots, region, host: mirror.host, domain: primary, held, takeDown };
  } catch (error) {
    await takeDown();
    throw error;
  }
}

/** Takes everything away that layers need, also what a run that was killed has left. */
export async function endLayers(context: Context): Promise<void> {
  const { system, hostScript, say } = context;
  const { mirrors, volumes, exports } = system.inventory;
  say("what layers needed is taken away from the mirrors");
  for (const { name, host } of mirrors) {
    await within(context, { kind: "mirror", name }, stopServer);
    await hostScript(host, 180, "bench-disks.sh", "off", hostSeconds(context, unplugging), name, "keep-running");
  }
  // In a stack that has no such volume, none was disconnected.
  if (volumes.every(({ name }) => exports.some(({ volume }) => volume === name))) return;
  const { name: scratch } = scratchOf(system.inventory);
  for (const { name } of mirrors) await connected(context, name, scratch);
}
