import { exportsOf } from "../../plan/exports/exports.ts";
import type { GroupPlan } from "../../plan/placement/groups.ts";
import type { VolumePlan } from "../../plan/replication/volumes.ts";
import { word } from "../quoting.ts";
import { admittedBy } from "./exportProtocol.ts";
import { protocols } from "./protocols.ts";

/** Read by scripts/guest/exports/lib/exports.sh, which takes no table with other columns. */
const columns = "# volume protocol address:port/name device admitted";

export function exportTablePath(group: GroupPlan): string {
  return `/etc/kvm-mirror/${group.name}.exports`;
}

/**
 * What a group exports, and to whom, for the scripts of a mirror: one line an export, five words with single spaces
 * between them. `name` is what a client asks for at address and port: NBD's export name, iSCSI's target. `admitted`
 * are the addresses that may open it, with commas between them, or `-`: nobody.
 */
export function renderExportTable(group: GroupPlan, volumes: readonly VolumePlan[]): string {
  const rows = protocols.flatMap((protocol) => volumes.flatMap((volume) => exportRow(group, volume, protocol)));
  return [columns, ...rows, ""].join("\n");
}

function exportRow(group: GroupPlan, volume: VolumePlan, protocol: (typeof protocols)[number]): readonly string[] {
  const name = protocol.exportName(volume);
  if (name === undefined) return [];
  const exports = exportsOf(group);
  const admitted = admittedBy(protocol.name, volume).map((address) => word(address, "address"));
  const fields = [
    word(volume.name, "volume"),
    protocol.name,
    `${word(exports.vip, "VIP")}:${exports.ports[protocol.name]}/${word(name, "export")}`,
    word(volume.device, "device"),
    admitted.length === 0 ? "-" : admitted.join(","),
  ];
  return [fields.join(" ")];
}
