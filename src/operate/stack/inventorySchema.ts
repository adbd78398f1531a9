import { z } from "zod";
import { sharedBackings } from "../../config/backing/backing.ts";
import { protocols } from "../../config/exports/protocols.ts";
import { exportSchema } from "../../inventory/exports/protocols.ts";
import type { Inventory } from "../../inventory/inventory.ts";
import { toCurrent } from "./inventoryVersions.ts";

const text = z.string();
const count = z.number();
const ssh = z.looseObject({ target: text, hostKey: text.startsWith("ssh-ed25519 ") });

/**
 * What must be in an inventory to work with it. What a later version has
 * beside that is kept: in an emergency an older clone must do.
 */
export const InventorySchema: z.ZodType<Inventory> = z.looseObject({
  version: z.literal(2),
  stack: text,
  owner: text.optional(),
  failover: z.discriminatedUnion("mode", [
    z.looseObject({ mode: z.literal("manual") }),
    z.looseObject({ mode: z.literal("automatic"), operationTimeout: count }),
  ]),
  hosts: z.array(z.looseObject({ name: text, uri: text, address: text, storageAddress: text })),
  mirrors: z.array(
    z.looseObject({
      name: text,
      host: text,
      replicationAddress: text,
      storageAddress: text,
      managementAddress: text,
      role: z.enum(["primary", "secondary", "mixed"]),
      ssh,
    }),
  ),
  groups: z.array(
    z.looseObject({
      name: text,
      vip: text.optional(),
      preferredMirror: text,
      follows: text.optional(),
      volumes: z.array(text),
    }),
  ),
  volumes: z.array(
    z.looseObject({
      name: text,
      size: count,
      device: text,
      group: text,
      backing: z.enum(sharedBackings).optional(),
      preferredMirror: text,
      replication: z.looseObject({ protocol: z.literal("C"), resyncRate: text }),
    }),
  ),
  exports: z.array(exportSchema),
  clients: z.array(
    z.looseObject({
      name: text,
      host: text,
      hosts: z.array(text),
      managed: z.boolean(),
      managementAddress: text.optional(),
      disks: z.array(
        z.looseObject({
          volume: text,
          protocol: z.enum(protocols),
          target: text,
          bus: z.enum(["virtio", "sata"]),
          serial: text,
          initiators: z.record(text, text).optional(),
        }),
      ),
      ssh: ssh.optional(),
    }),
  ),
});

/**
 * An inventory from its JSON text.
 * @param source what it was read from, for the message
 * @throws when it is none, or one of another stack
 */
export function parseInventory(json: string, stack: string | undefined, source: string): Inventory {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new Error(`${source} is no JSON`);
  }
  const { success, data, error } = InventorySchema.safeParse(toCurrent(value));
  if (!success)
    throw new Error(
      `${source} is no inventory that this version understands: ` +
        `${z.prettifyError(error).replaceAll(/\s*\n\s*/g, " ")}. \`pulumi up\` with this clone ` +
        "writes it anew",
    );
  if (stack !== undefined && data.stack !== shortName(stack))
    throw new Error(`${source} is the inventory of stack ${data.stack}, not of ${stack}`);
  return data;
}

/** A stack of Pulumi's cloud may be named `organisation/project/stack`. */
export const shortName = (stack: string): string => stack.slice(stack.lastIndexOf("/") + 1);
