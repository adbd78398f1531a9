import type { ExportProtocol } from "./exportProtocol.ts";
import { iscsi } from "./iscsi/iscsi.ts";
import { nbd } from "./nbd/nbd.ts";

/** Every protocol that a volume can be exported by; the type checker finds the one that is missing. */
const byName: Readonly<Record<ExportProtocol["name"], ExportProtocol>> = { nbd, iscsi };

/** The same, in the order in which a group's files name them. */
export const protocols: readonly ExportProtocol[] = Object.values(byName);

export function protocolNamed(name: ExportProtocol["name"]): ExportProtocol {
  return byName[name];
}
