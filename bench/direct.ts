import type { InventoryClient } from "../src/inventory/inventory.ts";
import { Refused } from "../src/refused.ts";
import { until } from "../harness/until.ts";
import { type Context, hostSeconds, within } from "./context.ts";
import { margin } from "./jobCommand.ts";
import type { Spot } from "./spot.ts";

export type Bus = "virtio" | "sata";

/** Seconds that a guest gets to shut down, and to boot: emulated ones need minutes. */
const patience = 600;
/** Seconds that a guest gets to let go of a disk. */
export const unplugging = 60;

/** Direct disks of a client, one a bus, which is also what they are compared by. */
export const directSpots = (client: string, buses: readonly Bus[]): readonly Spot[] =>
  buses.map((bus) => ({
    name: `direct-${bus}`,
    title: `Direct ${bus === "sata" ? "SATA" : "virtio"}`,
    base: null,
    place: { kind: "client", name: client },
    target: { kind: "serial", serial: `bench-direct-${bus}` },
  }));

/**
 * The mirror beside the client, whose data disk is the model for Direct. Changes nothing.
 * @throws Refused where there is none, or the client would have to be shut down and may not be
 */
export function modelFor({ system, options }: Context, client: InventoryClient, buses: readonly Bus[]): string {
  const like = system.inventory.mirrors.find(({ host }) => host === client.host);
  if (!like)
    throw new Refused(
      `no mirror runs on ${client.host}, so there is no disk there like a mirror's: repeat with --no-direct`,
    );
  if (buses.includes("sata") && !options.restartClient)
    throw new Refused(
      `to compare with a SATA disk, ${client.name} must be shut down and started, before and after. ` +
        "If that may be: repeat with --restart-client. Without that comparison: --no-direct",
    );
  return like.name;
}

/**
 * Gives the client a disk a bus from the pool that holds a mirror's data disk on the same KVM host.
 * One by SATA needs a shutdown of the client.
 * @param volume whose data disk is the model
 * @throws as modelFor does; Refused when that data disk is in no pool
 */
export async function attachDirect(
  context: Context,
  client: InventoryClient,
  volume: string,
  buses: readonly Bus[],
  region: number,
): Promise<void> {
  const { say } = context;
  const like = modelFor(context, client, buses);
  const size = String(region + 2 * margin);
  if (!buses.includes("sata")) {
    const words = ["plug", hostSeconds(context, unplugging), client.name, size, like, volume];
    await context.hostScript(client.host, 180, "bench-disks.sh", ...words);
    return;
  }
  say(`${client.name} is shut down, and started with Direct disks (${buses.join(", ")})`);
  const words = ["on", hostSeconds(context, patience), client.name, size, like, volume, ...buses];
  await context.hostScript(client.host, 2 * patience + 120, "bench-disks.sh", ...words);
  await answers(context, client.name);
}

/** Takes the Direct disks away again, also those of a run that was killed. The client is restarted where it must be. */
export async function detachDirect(context: Context, client: InventoryClient): Promise<void> {
  const { hostScript, say } = context;
  say(`Direct disks are taken away from ${client.name}`);
  const words = ["off", hostSeconds(context, patience), client.name];
  await hostScript(client.host, 2 * patience + 120, "bench-disks.sh", ...words);
  await answers(context, client.name);
}

/** Waits until somebody can log in to a client. @throws when it takes longer than a boot may */
export async function answers(context: Context, client: string): Promise<void> {
  const place = { kind: "client", name: client } as const;
  await until(`${client} answers`, patience, async () => void (await within(context, place, "true", 20)));
}
