import { awaitWhole, stateOf } from "../harness/drbd.ts";
import type { Inventory, InventoryVolume } from "../src/inventory/inventory.ts";
import { Refused } from "../src/refused.ts";
import { type Context, hostSeconds, within } from "./context.ts";
import { alternativesCommand } from "./alternatives/commands.ts";
import { unplugging } from "./direct.ts";
import { serving } from "./measure.ts";
import { logOutCommand, stopCommand } from "./servers.ts";

/** Seconds; a resync of what was written alone is waited for. */
export const patience = 600;

/** The volume without clients on which mirrors are measured, and the mirror that has it. */
export interface Scratch {
  readonly volume: InventoryVolume;
  readonly primary: string;
}

/** The volume on which layers and servers are measured: no export, no client. @throws Refused when there is none */
export function scratchOf({ stack, volumes, exports, clients }: Inventory): InventoryVolume {
  const free = volumes.find(
    ({ name }) =>
      !exports.some(({ volume }) => volume === name) &&
      !clients.some(({ disks }) => disks.some(({ volume }) => volume === name)),
  );
  if (free) return free;
  throw new Refused(
    `stack ${stack} has no volume without exports, which no client has: layers and servers are measured on such a ` +
      "one. Give the stack one, in a group of its own (kvm-mirror:volumes)",
  );
}

/**
 * The scratch volume, connected and whole, also after a run that was killed.
 * @throws Refused when there is none, or a cluster would take a disconnected volume for a fault
 */
export async function wholeScratch(context: Context): Promise<Scratch> {
  const { inventory } = context.system;
  if (inventory.failover.mode !== "manual")
    throw new Refused("layers are measured under manual failover alone: a cluster acts when a volume is disconnected");
  const volume = scratchOf(inventory);
  const primary = await serving(context, volume.name);
  await connected(context, primary, volume.name);
  await awaitWhole(context.system, patience);
  return { volume, primary };
}

/** Has the scratch volume look for its peer, where it was told not to. */
export async function connected(context: Context, mirror: string, volume: string): Promise<void> {
  if ((await stateOf(context.system, mirror, volume)).connection === "StandAlone")
    await within(context, { kind: "mirror", name: mirror }, `drbdadm connect ${volume}`);
}

/** Ends the servers, and who works on their disks, also of a run that was killed. */
export async function endServers(context: Context): Promise<void> {
  const { mirrors } = context.system.inventory;
  // An initiator that loses its target first would wait for it.
  for (const command of [logOutCommand, stopCommand])
    for (const { name } of mirrors) await within(context, { kind: "mirror", name }, command);
}

/** Takes everything away that layers and servers need, also what a run that was killed has left. */
export async function endOnMirrors(context: Context): Promise<void> {
  const { system, hostScript, say } = context;
  const { mirrors, volumes, exports } = system.inventory;
  say("what was made on the mirrors is taken away from them");
  const alternatives = async (word: string): Promise<void> => {
    for (const { name } of mirrors) await within(context, { kind: "mirror", name }, alternativesCommand(word), 180);
  };
  await alternatives("down");
  await endServers(context);
  await alternatives("off");
  for (const { name, host } of mirrors)
    await hostScript(host, 180, "bench-disks.sh", "off", hostSeconds(context, unplugging), name, "keep-running");
  // In a stack that has no such volume, none was disconnected.
  if (volumes.every(({ name }) => exports.some(({ volume }) => volume === name))) return;
  const { name: scratch } = scratchOf(system.inventory);
  for (const { name } of mirrors) await connected(context, name, scratch);
}
