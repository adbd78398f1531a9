import { z } from "zod";
import { longestObjectName, objectName } from "../../../plugins/libvirt/names.ts";
import { address } from "../address.ts";
import { libvirtUri } from "../libvirtUri.ts";
import { trueOrFalse } from "../scalars.ts";

export const hostSchema = z.strictObject({
  uri: libvirtUri().describe(
    "libvirt URI: `qemu+ssh://[user@]host[:port]/system[?keyfile=…&known_hosts=…]`, or `qemu:///system`",
  ),
  pool: z
    .string()
    .refine((name) => objectName.safeParse(name).success, {
      error:
        "is no name of a storage pool; use letters, digits and _ . + -, a letter, digit or underscore first, " +
        `at most ${longestObjectName}`,
    })
    .default("default")
    .describe("libvirt storage pool for all disks; it must exist and be active"),
  storageAddress: address().describe(
    "address of the KVM host in the storage network: its QEMU connects to the exports from there, and exports admit it",
  ),
  fenceAddress: address()
    .optional()
    .describe(
      "automatic failover: address of the KVM host at which the mirrors reach its ssh, " +
        "to turn off the other mirror. Default: the address in `uri`",
    ),
  virtualization: z
    .enum(["kvm", "qemu", "auto"])
    .default("kvm")
    .describe("`kvm`: hardware, an error where there is none; `qemu`: emulated, slow; `auto`: hardware where it works"),
  keepalive: trueOrFalse()
    .default(true)
    .describe(
      "`up` sets net.ipv4.tcp_keepalive_time, _intvl and _probes of the host to 2, 1 and 3, so " +
        "that a client's read that a dead mirror owes is sent anew within seconds. They hold for " +
        "every connection of the host that asks for keepalive",
    ),
});

/** A KVM host: where mirrors and clients run. */
export type Host = z.output<typeof hostSchema>;
