import { z } from "zod";
import type { Inventory } from "../inventory/inventory.ts";
import { exportPlaces } from "../inventory/exports/protocols.ts";

const exportsOfVolume = z.strictObject(exportPlaces).partial();

/** What a pair gives to the rest of a program. All of it is known once every volume is served. */
export const pairOutputsSchema = z.strictObject({
  vips: z.record(z.string(), z.string()).describe("The address that clients connect to, by group."),
  exports: z.record(z.string(), exportsOfVolume).describe("Where a volume is exported, by volume, then protocol."),
  mirrors: z
    .record(
      z.string(),
      z.strictObject({
        host: z.string().describe("KVM host that it runs on."),
        managementAddress: z.string(),
        storageAddress: z.string(),
        replicationAddress: z.string(),
        sshTarget: z.string().describe("How operators log in: `user@address`."),
        sshHostKey: z.string().describe("Its public host key."),
      }),
    )
    .describe("The two mirrors by name."),
  inventory: z
    .any()
    .describe("All that there is and how to reach it, for kvm-mirror: make it an output of the stack. No secret."),
});

export type PairOutputs = Omit<z.output<typeof pairOutputsSchema>, "inventory"> & { readonly inventory: Inventory };

/** The outputs of a pair whose inventory is this. */
export function pairOutputs(inventory: Inventory): PairOutputs {
  const { groups, volumes, exports, mirrors } = inventory;
  return {
    vips: Object.fromEntries(groups.flatMap(({ name, vip }) => (vip === undefined ? [] : [[name, vip]]))),
    exports: Object.fromEntries(
      volumes.map(({ name }) => [
        name,
        Object.fromEntries(
          exports
            .filter(({ volume }) => volume === name)
            .map(({ volume: _volume, protocol, ...place }) => [protocol, place]),
        ),
      ]),
    ),
    mirrors: Object.fromEntries(
      mirrors.map(({ name, host, managementAddress, storageAddress, replicationAddress, ssh }) => [
        name,
        { host, managementAddress, storageAddress, replicationAddress, sshTarget: ssh.target, sshHostKey: ssh.hostKey },
      ]),
    ),
    inventory,
  };
}
