import { z } from "zod";
import { address } from "../address.ts";

/**
 * Addresses are given at the first boot; `up` refuses another one for a
 * mirror that runs (scripts/guest/machines/mirror-settings.sh).
 */
export const mirrorSchema = z.strictObject({
  host: z.string().describe("KVM host that it runs on"),
  replication: address().describe("address in the replication network"),
  storage: address().describe("address in the storage network"),
  management: address().describe("address in the management network: where the operator reaches it by ssh"),
});

/** A storage VM; a stack has two. */
export type Mirror = z.output<typeof mirrorSchema>;
