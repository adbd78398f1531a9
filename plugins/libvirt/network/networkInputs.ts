/** Arguments of a network, named as in libvirt's network XML. */
import { z } from "zod";
import { objectName } from "../names.ts";

const interfaceName = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/, "a Linux interface name: at most 15 of letters, digits, _ . -");

const ip = z.strictObject({
  address: z.ipv4(),
  prefix: z.int().min(8).max(30),
  dhcp: z.strictObject({ start: z.ipv4(), end: z.ipv4() }).optional(),
});

export const networkInputs = z.strictObject({
  name: objectName.meta({ replace: true }),
  forward: z.strictObject({ mode: z.enum(["bridge", "nat"]) }).optional(),
  bridge: z.strictObject({ name: interfaceName }).optional(),
  mtu: z.int().min(576).max(65535).optional(),
  ips: z.array(ip).default([]),
  autostart: z.boolean().default(true),
  active: z.boolean().default(true),
});

export type NetworkInputs = z.output<typeof networkInputs>;
