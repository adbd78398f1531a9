import { z } from "zod";
import { address } from "../address.ts";
import { portSchemas } from "../exports/exports.ts";

export const groupSchema = z.strictObject({
  vip: address()
    .optional()
    .describe(
      "storage VIP: the address in the storage network that clients connect to; it follows the primary. Default: one " +
        "of networks.storage.vips. Without either: no volume of the group has `exports`, and the group is only " +
        "Primary somewhere (failover.mode manual alone)",
    ),
  preferredMirror: z
    .string()
    .optional()
    .meta({
      description:
        "mirror on which the group starts the first time. When this changes, `up` moves the group there once, by a " +
        "planned switch; what an operator or a failure has moved stays where it is. This or `follows`",
      formerly: "primary",
    }),
  follows: z
    .string()
    .optional()
    .describe(
      "client whose active host's mirror is the preferred one: reads do not leave that host. When the client has " +
        "moved, and runs, `up` moves the group after it once, as for another `preferredMirror`. All clients of the " +
        "group are active on one host then",
    ),
  ...portSchemas,
});

/** Volumes that have one primary and move as one; where some are exported, at one VIP. */
export type Group = Omit<z.output<typeof groupSchema>, "preferredMirror"> & {
  /** Where the group follows a client, the mirror on that client's active host (src/check/follows.ts). */
  readonly preferredMirror: string;
};
