/** Arguments of a network, named as in libvirt's network XML. */
import { z } from "zod";
import { objectName } from "../names.ts";

const interfaceName = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/, "a Linux interface name: at most 15 of letters, digits, _ . -");

const ip = z.strictObject({
  address: z.ipv4().describe("IPv4 address of the host."),
  prefix: z.int().min(8).max(30).describe("Length of the network prefix, for example 24."),
  dhcp: z
    .strictObject({ start: z.ipv4(), end: z.ipv4() })
    .optional()
    .describe("First and last address that libvirt's DHCP server gives out; left out: no DHCP."),
});

export const networkInputs = z.strictObject({
  name: objectName.meta({ replace: true, description: "Name in libvirt. Cannot change in place." }),
  forward: z
    .strictObject({ mode: z.enum(["bridge", "nat"]) })
    .optional()
    .describe(
      "`bridge`: over the existing bridge of the host that `bridge` names. `nat`: behind the host's address. Left " +
        "out: isolated.",
    ),
  bridge: z
    .strictObject({ name: interfaceName })
    .optional()
    .describe("Left out where libvirt makes the bridge: it chooses a name."),
  mtu: z
    .int()
    .min(576)
    .max(65535)
    .optional()
    .describe("Bytes. Not for forward mode `bridge`: there it is the host's to set."),
  ips: z.array(ip).default([]).describe("Addresses of the host in the network."),
  autostart: z.boolean().default(true).describe("Whether it starts with the host. Default true."),
  active: z.boolean().default(true).describe("Whether it is up. Default true."),
});

export const networkOutputs = z.strictObject({ uuid: z.string() });

export type NetworkInputs = z.output<typeof networkInputs>;
