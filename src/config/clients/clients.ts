import { z } from "zod";
import { protocolSchema } from "../exports/exports.ts";
import { clientMachineSchema } from "../machines/machine.ts";
import { onlyTrue } from "../scalars.ts";

export const clientDiskSchema = z.strictObject({
  volume: z.string().describe("volume to attach"),
  protocol: protocolSchema,
  bus: z
    .enum(["virtio", "sata"])
    .optional()
    .describe(
      "bus that the guest sees. Default: virtio, or as the target says. `sata` is for guests without a " +
        "virtio driver: they give up a disk that does not answer for 30 s, which is less than a failover by " +
        "hand takes, and SATA disks cannot be plugged into a running client",
    ),
  target: z
    .string()
    .regex(/^(vd|sd)[a-z]{1,2}$/, { error: "is no disk target; write vdb, vdc, … for virtio, sdb, sdc, … for sata" })
    .optional()
    .describe(
      "target in the domain, by which libvirt knows the disk; the guest knows it by its serial. " +
        "Default: vdb (sdb for sata) where it is the client's only disk; several disks, and those of " +
        "an existing client, say theirs. It stays while the client runs",
    ),
});

export const clientSchema = z.strictObject({
  active: z.string().describe("KVM host on which it runs: the only one whose address the exports admit"),
  hosts: z
    .array(z.string())
    .min(1, { error: "is empty; leave the key out for a client on its active host alone" })
    .optional()
    .describe("all KVM hosts that have it defined. Default: the active one"),
  existing: onlyTrue()
    .optional()
    .describe("the domain is the VM team's and exists on these hosts: only its disks are attached and detached"),
  machine: clientMachineSchema.optional().describe("the machine to make; left out for an existing client"),
  disks: z.array(clientDiskSchema).default([]),
});

/** A VM that uses volumes. */
export type Client = z.output<typeof clientSchema>;
