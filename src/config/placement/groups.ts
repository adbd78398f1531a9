import { z } from "zod";
import { address } from "../address.ts";
import { portSchemas } from "../exports/exports.ts";

export const groupSchema = z.strictObject({
  vip: address()
    .optional()
    .describe(
      "storage VIP: the address in the storage network that clients connect to; it follows the primary. Left out: no " +
        "volume of the group has `exports`, and the group is only Primary somewhere (failover.mode manual alone)",
    ),
  preferredMirror: z.string().meta({
    description:
      "mirror on which the group starts the first time. When this changes, `up` moves the group there once, by a " +
      "planned switch; what an operator or a failure has moved stays where it is",
    formerly: "primary",
  }),
  ...portSchemas,
});

/** Volumes that have one primary and move as one; where some are exported, at one VIP. */
export type Group = z.output<typeof groupSchema>;
