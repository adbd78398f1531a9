import { z } from "zod";
import { wholeNumber } from "../../scalars.ts";
import type { ExportKeys } from "../exportKeys.ts";
import { iqn } from "./iqn.ts";

/** iSCSI: a client asks for a target, and the disk is one of its logical units. */
export const iscsi = {
  title: "iSCSI",
  about: "is the one that other hypervisors know, too",
  schema: z.strictObject({
    iqn: iqn().describe("name of the target, RFC 3720; one of its own for each volume"),
    lun: wholeNumber()
      .min(1, { error: "is not free; LUN 0 is the target's controller: use 1 to 255" })
      .max(255, { error: "is too large; use 1 to 255" })
      .default(1)
      .describe("logical unit"),
  }),
  example: "`iscsi: { iqn: … }`",
  port: 3260,
} satisfies ExportKeys;
