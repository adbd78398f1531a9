import { z } from "zod";
import { address } from "./address.ts";
import { wholeNumber } from "./scalars.ts";

const port = () =>
  wholeNumber()
    .min(1024, { error: "is not a port for this; use 1024 to 65535" })
    .max(65535, { error: "is not a port for this; use 1024 to 65535" });

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
  nbdPort: port().default(10809).describe("TCP port of NBD on the VIP"),
  iscsiPort: port().default(3260).describe("TCP port of iSCSI on the VIP"),
});

/** Volumes that have one primary and move as one; where some are exported, at one VIP. */
export type Group = z.output<typeof groupSchema>;
