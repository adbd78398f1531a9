import { mirrorNamed, volumeNamed } from "../src/operate/stack/named.ts";
import { type Context, hostSeconds, within } from "./context.ts";
import { unplugging } from "./direct.ts";
import { clientOf, dataDisks, diskSpots, type Rig, regionOf } from "./disks.ts";
import { markCommand, needLeave } from "./guard.ts";
import { margin } from "./jobCommand.ts";
import { layerSpots } from "./layerSpots.ts";
import { fill, needFio, stopJobs } from "./measure.ts";
import { endOnMirrors, endServers, wholeScratch } from "./scratch.ts";
import { nbdServer, startCommand } from "./servers.ts";
import type { Spot } from "./spot.ts";

/** @throws Refused when there is something to lose, or a cluster would take a disconnected volume for a fault */
export async function layerRig(context: Context): Promise<Rig> {
  const { system, options, hostScript } = context;
  const { inventory } = system;
  const { volume, primary } = await wholeScratch(context);
  const mirror = mirrorNamed(inventory, primary);
  const client = clientOf(inventory, options.client);
  const guests = diskSpots(client, false).filter(({ disk }) => disk.bus === "virtio");
  const spots = layerSpots(context, volume, primary, guests);
  const sizes = [volume, ...guests.map(({ disk }) => volumeNamed(inventory, disk.volume))].map(({ size }) => size);
  const region = regionOf(sizes, options.size);
  const places = [...new Map(spots.map(({ place }) => [place.name, place])).values()];
  for (const place of places) await needFio(context, place);
  await stopJobs(context, places);
  const written = [
    { name: volume.name, at: spots.find(({ name }) => name === "drbd") as Spot },
    ...guests.map((guest) => ({ name: guest.disk.volume, at: guest as Spot })),
  ];
  for (const { name, at } of written) await needLeave(context, name, at);
  const takeDown = (): Promise<void> => endOnMirrors(context);
  try {
    const size = String(region + 2 * margin);
    const words = ["plug", hostSeconds(context, unplugging), primary, size, primary, volume.name];
    await hostScript(mirror.host, 180, "bench-disks.sh", ...words);
    for (const { at } of written) await within(context, at.place, markCommand(at.target));
    const here = { kind: "mirror", name: primary } as const;
    await endServers(context);
    const mirrors = inventory.mirrors.map(({ storageAddress }) => storageAddress);
    await within(context, here, startCommand(nbdServer, mirror.storageAddress, volume.device, mirrors), 150);
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
