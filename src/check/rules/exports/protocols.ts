import type { Protocol } from "../../../config/exports/protocols.ts";
import type { Rule } from "../rule.ts";
import { iscsi } from "./iscsi.ts";
import { nbd } from "./nbd.ts";

/** What must be true between the exports by one protocol, for each. */
const byName: { readonly [Name in Protocol]: readonly Rule[] } = { nbd, iscsi };

export const exportRules: readonly Rule[] = Object.values(byName).flat();
