import type { ClientDiskPlan } from "../../../plan/clients/clients.ts";
import type { GroupPlan } from "../../../plan/placement/groups.ts";
import type { VolumePlan } from "../../../plan/replication/volumes.ts";
import type { GuestFile } from "../../guestFile.ts";
import { renderDiskXml, xmlAttribute } from "../diskXml.ts";
import type { ExportProtocol } from "../exportProtocol.ts";
import { renderTgtTargets } from "./tgtTarget.ts";

/** iSCSI: tgt on the mirror, libiscsi in QEMU. A client asks for a target; the disk is one of its logical units. */
export const iscsi: ExportProtocol<"iscsi"> = {
  name: "iscsi",
  exportName: (volume) => volume.exports.iscsi?.iqn,
  serverFiles,
  disk,
  obstacle: () => undefined,
};

function serverFiles(group: GroupPlan, volumes: readonly VolumePlan[]): readonly GuestFile[] {
  return [{ path: `/etc/tgt/kvm-mirror/${group.name}.conf`, mode: "0600", content: renderTgtTargets(volumes) }];
}

function disk(wanted: ClientDiskPlan<"iscsi">, host: string): string {
  const name = wanted.initiators[host];
  if (name === undefined)
    throw new Error(`disk ${wanted.target} of volume ${wanted.volume} has no initiator name for host ${host}`);
  return renderDiskXml(wanted, ["    <initiator>", `      <iqn${xmlAttribute("name", name)}/>`, "    </initiator>"]);
}
