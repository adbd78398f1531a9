/** Arguments of a domain, named as in libvirt's domain XML. */
import { z } from "zod";
import { objectName } from "../names.ts";

export const diskInputs = z.strictObject({
  device: z.enum(["disk", "cdrom"]),
  source: z.strictObject({ pool: objectName, volume: objectName }),
  driver: z.strictObject({
    type: z.enum(["raw", "qcow2"]),
    cache: z.enum(["none", "writeback", "writethrough", "directsync", "unsafe"]).optional(),
    io: z.enum(["native", "threads", "io_uring"]).optional(),
    discard: z.enum(["unmap", "ignore"]).optional(),
  }),
  target: z.strictObject({
    dev: z.string().regex(/^(vd|sd|hd)[a-z]{1,2}$/, "vda, vdb, … or sda, sdb, …"),
    bus: z.enum(["virtio", "sata", "scsi", "ide"]),
  }),
  // virtio-blk hands 20 bytes to the guest and drops the rest.
  serial: z
    .string()
    .regex(/^[A-Za-z0-9_.+-]{1,20}$/, "at most 20 of letters, digits, _ . + -")
    .optional(),
  readonly: z.boolean().optional(),
});

const interfaceInputs = z.strictObject({
  network: objectName,
  mac: z
    .string()
    .regex(
      /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/,
      "a unicast MAC address in small letters, for example 52:54:00:12:34:56",
    ),
  model: z
    .string()
    .regex(/^[a-z0-9-]+$/)
    .default("virtio"),
  mtu: z.int().min(576).max(65535).optional(),
});

export const domainInputs = z.strictObject({
  name: objectName.meta({ replace: true }),
  uuid: z.guid().toLowerCase().meta({ replace: true }),
  type: z.enum(["kvm", "qemu", "auto"]).default("auto"),
  title: z
    .string()
    .regex(/^[^\n]+$/)
    .optional(),
  memory: z.number().min(1),
  vcpu: z.int().min(1),
  cpu: z.strictObject({ mode: z.enum(["host-passthrough", "host-model", "maximum"]) }).optional(),
  os: z
    .strictObject({
      machine: z
        .string()
        .regex(/^[a-z0-9_.-]+$/)
        .optional(),
    })
    .optional()
    .meta({ replace: true }),
  disks: z.array(diskInputs).default([]),
  interfaces: z.array(interfaceInputs).default([]),
  running: z.boolean().optional(),
  autostart: z.boolean().default(false),
  shutdownTimeout: z.int().min(0).default(120),
});

export type DomainInputs = z.output<typeof domainInputs>;
export type DiskInputs = DomainInputs["disks"][number];
export type InterfaceInputs = DomainInputs["interfaces"][number];
