import type { GroupPlan } from "../../plan/placement/groups.ts";
import type { VolumePlan } from "../../plan/replication/volumes.ts";
import { exportTablePath, renderExportTable } from "../exports/exportTable.ts";
import { protocols } from "../exports/protocols.ts";
import { renderGroupEnv } from "./groupEnv.ts";
import { documentPart, type GuestFile } from "../guestFile.ts";

/**
 * All files of a group as the one document that group-configure.sh reads:
 * `==> PATH MODE` starts a file, its content follows.
 */
export function renderGroupDocument(group: GroupPlan, volumes: readonly VolumePlan[]): string {
  return groupFiles(group, volumes).map(documentPart).join("");
}

function groupFiles(group: GroupPlan, volumes: readonly VolumePlan[]): readonly GuestFile[] {
  return [
    { path: `/etc/kvm-mirror/${group.name}.env`, mode: "0644", content: renderGroupEnv(group, volumes) },
    { path: exportTablePath(group), mode: "0644", content: renderExportTable(group, volumes) },
    ...protocols.flatMap((protocol) => {
      const exported = volumes.filter((volume) => protocol.exportName(volume) !== undefined);
      return exported.length === 0 ? [] : protocol.serverFiles(group, exported);
    }),
  ];
}
