/** Arguments of a domain, named as in libvirt's domain XML. */
import { z } from "zod";
import { objectName } from "../names.ts";

export const diskInputs = z.strictObject({
  device: z.enum(["disk", "cdrom"]),
  source: z
    .strictObject({ pool: objectName, volume: objectName })
    .describe("A volume, image or seed by its pool and name."),
  driver: z
    .strictObject({
      type: z.enum(["raw", "qcow2"]),
      cache: z.enum(["none", "writeback", "writethrough", "directsync", "unsafe"]).optional(),
      io: z.enum(["native", "threads", "io_uring"]).optional(),
      discard: z.enum(["unmap", "ignore"]).optional(),
    })
    .describe("`io: native` needs `cache: none` or `directsync`."),
  target: z
    .strictObject({
      dev: z.string().regex(/^(vd|sd|hd)[a-z]{1,2}$/, "vda, vdb, … or sda, sdb, …"),
      bus: z.enum(["virtio", "sata", "scsi", "ide"]),
    })
    .describe(
      "Place on a bus, for example `vdb` on `virtio`. SATA and IDE disks cannot be plugged into a running domain.",
    ),
  // virtio-blk hands 20 bytes to the guest and drops the rest.
  serial: z
    .string()
    .regex(/^[A-Za-z0-9_.+-]{1,20}$/, "at most 20 of letters, digits, _ . + -")
    .optional()
    .describe("At most 20 characters: the guest finds it in /dev/disk/by-id."),
  readonly: z.boolean().optional(),
});

const interfaceInputs = z.strictObject({
  network: objectName.describe("Name of a libvirt network."),
  mac: z
    .string()
    .regex(
      /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/,
      "a unicast MAC address in small letters, for example 52:54:00:12:34:56",
    )
    .describe("In small letters."),
  model: z
    .string()
    .regex(/^[a-z0-9-]+$/)
    .default("virtio")
    .describe("Default `virtio`."),
  mtu: z.int().min(576).max(65535).optional().describe("Bytes."),
});

export const domainInputs = z.strictObject({
  name: objectName.meta({ replace: true, description: "Name in libvirt. Cannot change in place." }),
  uuid: z.guid().toLowerCase().meta({
    replace: true,
    description: "Chosen by the program, so that a preview knows it. Cannot change in place.",
  }),
  type: z
    .enum(["kvm", "qemu", "auto"])
    .default("auto")
    .describe("`auto` (default): KVM where libvirt offers it, else emulation."),
  title: z
    .string()
    .regex(/^[^\n]+$/)
    .optional(),
  memory: z.number().min(1).describe("MiB. A running domain takes a change at its next start."),
  vcpu: z.int().min(1).describe("Number of virtual CPUs. A running domain takes a change at its next start."),
  cpu: z
    .strictObject({ mode: z.enum(["host-passthrough", "host-model", "maximum"]) })
    .optional()
    .describe("Default: `host-passthrough` under KVM; libvirt's own choice, the fastest there, under emulation."),
  os: z
    .strictObject({
      machine: z
        .string()
        .regex(/^[a-z0-9_.-]+$/)
        .optional(),
    })
    .optional()
    .meta({
      replace: true,
      description: "`machine`: for example `q35`; default: libvirt's. Cannot change in place.",
    }),
  disks: z
    .array(diskInputs)
    .default([])
    .describe("Disks of this program. Those that others attach (client disks) are left as they are, at other targets."),
  interfaces: z.array(interfaceInputs).default([]),
  running: z
    .boolean()
    .optional()
    .describe("Kept running, or kept off. Left out: somebody else's business (see `DomainState`)."),
  autostart: z.boolean().default(false).describe("Whether it starts with the host. Default false."),
  shutdownTimeout: z
    .int()
    .min(0)
    .default(120)
    .describe("Seconds that a guest gets to shut down before its power is cut. Default 120."),
});

export const domainOutputs = z.strictObject({
  virtType: z.enum(["kvm", "qemu"]).describe("What `type` came to."),
  restartRequired: z
    .boolean()
    .describe("Whether the running domain differs from its definition until it is started anew."),
  lastStart: z
    .string()
    .describe("When this resource last started it (ISO 8601), empty: never. What runs inside is waited for again."),
});

export type DomainInputs = z.output<typeof domainInputs>;
export type DiskInputs = DomainInputs["disks"][number];
export type InterfaceInputs = DomainInputs["interfaces"][number];
