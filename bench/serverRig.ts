import { mirrorNamed, otherMirror } from "../src/operate/stack/named.ts";
import { Refused } from "../src/refused.ts";
import { type Context, within } from "./context.ts";
import { dataDisks, type Rig, regionOf } from "./disks.ts";
import { markCommand, needLeave } from "./guard.ts";
import { fill, needFio, stopJobs } from "./measure.ts";
import { endOnMirrors, endServers, wholeScratch } from "./scratch.ts";
import { lacks, logInCommand, type Server, servers, startCommand, targetOf } from "./servers.ts";
import type { Spot } from "./spot.ts";

/**
 * What could serve a volume, side by side: every server has the same one open on the primary, and fio works on the
 * standby. A server that a mirror cannot run is left out, and said.
 * @throws Refused when there is something to lose, or nothing to compare
 */
export async function serverRig(context: Context): Promise<Rig> {
  const { system, options, say } = context;
  const { inventory } = system;
  const { volume, primary } = await wholeScratch(context);
  const { storageAddress: address, host } = mirrorNamed(inventory, primary);
  const here = { kind: "mirror", name: primary } as const;
  const there = { kind: "mirror", name: otherMirror(inventory, primary).name } as const;
  for (const place of [here, there]) await needFio(context, place);
  await stopJobs(context, [here, there]);
  const able: Server[] = [];
  for (const server of servers) {
    const missing = await lacks(context, server, here, there);
    if (missing === "") able.push(server);
    else say(`${server.title} is left out: ${missing}`);
  }
  if (able.length === 0) throw new Refused("there is nothing to compare: no server can run, see above");
  const drbd: Spot = {
    name: "drbd",
    title: "DRBD, on the primary",
    base: null,
    place: here,
    target: { kind: "device", path: volume.device },
  };
  const spots = [
    drbd,
    ...able.map((server): Spot => {
      const target = targetOf(server, address);
      return { name: server.name, title: server.title, base: "drbd", above: "drbd", place: there, target };
    }),
  ];
  const region = regionOf([volume.size], options.size);
  await needLeave(context, volume.name, drbd);
  const takeDown = (): Promise<void> => endOnMirrors(context);
  try {
    await endServers(context);
    await within(context, here, markCommand(drbd.target));
    const mirrors = inventory.mirrors.map(({ storageAddress }) => storageAddress);
    for (const server of able) {
      await within(context, here, startCommand(server, address, volume.device, mirrors), 150);
      if (server.lun !== undefined) await within(context, there, logInCommand(server, address), 90);
    }
    await fill(context, drbd, region);
    return { spots, region, host, domain: primary, held: dataDisks(inventory, [volume.name]), takeDown };
  } catch (error) {
    await takeDown();
    throw error;
  }
}
