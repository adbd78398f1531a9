import { z } from "zod";
import { address } from "../address.ts";
import { cidr, range } from "../cidr.ts";
import { onlyTrue, wholeNumber } from "../scalars.ts";

export const networkRoles = ["replication", "storage", "management"] as const;
export type NetworkRole = (typeof networkRoles)[number];

export const smallestMtu = 1280;
const largestMtu = 9216;

export const networkSchema = z.strictObject({
  cidr: cidr().describe("IPv4 network, for example `10.20.0.0/24`"),
  bridge: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/, {
      error: "is no name of a Linux bridge; use at most 15 letters, digits, dots, hyphens and underscores",
    })
    .optional()
    .describe("form 1: an existing bridge of the KVM hosts, of this name on each"),
  isolated: onlyTrue().optional().describe("form 2: a network of its own on one KVM host, without a way out"),
  nat: onlyTrue()
    .optional()
    .describe(
      "form 3: a network of its own on one KVM host, behind NAT; for management, where " +
        "the host is the gateway (its first address) and name server",
    ),
  mtu: wholeNumber("bytes")
    .min(smallestMtu, { error: `is not an MTU of ours; use ${smallestMtu} to ${largestMtu} bytes` })
    .max(largestMtu, { error: `is not an MTU of ours; use ${smallestMtu} to ${largestMtu} bytes` })
    .optional()
    .describe(
      "bytes; all bridges and switches between the mirrors must carry it, which `up` and `status` probe. " +
        "Default: the bridge's own",
    ),
  vips: range()
    .optional()
    .describe(
      "storage only: the part of the network from which groups without a `vip` of their own get one. Each group's " +
        "follows from its name, so that it stays whatever other groups come and go. Where two names meet, which is " +
        "refused, the group that is new gets a `vip`; take a range many times larger than there are groups. Never " +
        "change it: the VIPs would move",
    ),
  gateway: address().optional().describe("default gateway of the guests; for management over a bridge only"),
  dns: z
    .array(address())
    .default([])
    .describe("name servers of the guests; management only. Default: none; behind NAT the host"),
});

/** A network that guests are connected to: exactly one of bridge, isolated, nat. */
export type Network = z.output<typeof networkSchema>;

/** The three networks. */
export type Networks = Readonly<Record<NetworkRole, Network>>;
