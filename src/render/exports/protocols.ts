import type { Protocol } from "../../config/exports/protocols.ts";
import type { ExportProtocol } from "./exportProtocol.ts";
import { iscsi } from "./iscsi/iscsi.ts";
import { nbd } from "./nbd/nbd.ts";

/** What is written for each protocol; the type checker finds the one that is missing. */
const byName: { readonly [Name in Protocol]: ExportProtocol<Name> } = { nbd, iscsi };

/** What a group's files say of volumes by each protocol, in their order there. */
export const protocols: readonly Omit<ExportProtocol, "disk" | "obstacle">[] = Object.values(byName);

export function protocolNamed<Name extends Protocol>(name: Name): (typeof byName)[Name] {
  return byName[name];
}
