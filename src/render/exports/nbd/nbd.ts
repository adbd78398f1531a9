import type { ClientDiskPlan } from "../../../plan/clients/clients.ts";
import type { GroupPlan } from "../../../plan/placement/groups.ts";
import type { VolumePlan } from "../../../plan/replication/volumes.ts";
import type { GuestFile } from "../../guestFile.ts";
import { renderDiskXml, xmlAttribute } from "../diskXml.ts";
import type { ExportProtocol, HostVersions, Obstacle } from "../exportProtocol.ts";
import { nbdAdmissionPath, renderNbdAdmissions, renderNbdConfig } from "./nbdConfig.ts";
import { canWait, nbdForm } from "./nbdForm.ts";
import { qemuTargets, renderQemuDisk } from "./qemuDisk.ts";
import { reconnectDelay } from "./reconnectDelay.ts";

/** NBD: nbd-server on the mirror, QEMU's own client. */
export const nbd: ExportProtocol<"nbd"> = {
  name: "nbd",
  exportName: (volume) => volume.exports.nbd?.name,
  serverFiles,
  disk,
  obstacle,
};

function serverFiles(group: GroupPlan, volumes: readonly VolumePlan[]): readonly GuestFile[] {
  return [
    {
      path: `/etc/nbd-server/kvm-mirror-${group.name}.conf`,
      mode: "0644",
      content: renderNbdConfig(group, volumes),
    },
    ...volumes.map((volume) => ({
      path: nbdAdmissionPath(group, volume),
      mode: "0644" as const,
      content: renderNbdAdmissions(volume),
    })),
  ];
}

/** Only libvirt 9.2 and newer takes `<reconnect>` (nbdForm.ts). */
function disk(wanted: ClientDiskPlan<"nbd">, _host: string, versions: HostVersions): string {
  if (nbdForm(versions) === "qemu") return renderQemuDisk(wanted);
  return renderDiskXml(wanted, [`    <reconnect${xmlAttribute("delay", reconnectDelay)}/>`]);
}

function obstacle({ target }: ClientDiskPlan<"nbd">, host: string, versions: HostVersions): Obstacle | undefined {
  const { libvirt, qemu } = versions;
  if (!canWait(versions))
    return {
      key: "protocol",
      value: "nbd",
      text:
        `cannot be had on KVM host ${host}: its QEMU ${qemu} cannot wait for an NBD server that is away; ` +
        "attach the disk by iscsi, or upgrade QEMU to 4.2 or newer",
    };
  if (nbdForm(versions) === "qemu" && !qemuTargets.test(target))
    return {
      key: "target",
      value: target,
      text:
        `cannot be had by nbd on KVM host ${host}, whose libvirt ${libvirt} is older than 9.2: use one of ` +
        "vdb to vdh or sdb to sdh, protocol iscsi, or a newer libvirt",
    };
  return undefined;
}
