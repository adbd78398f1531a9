import type { IscsiExportPlan } from "../../../plan/exports/iscsi/iscsi.ts";
import type { VolumePlan } from "../../../plan/replication/volumes.ts";
import { word } from "../../quoting.ts";
import { admittedBy } from "../exportProtocol.ts";

/** tgt takes a target without any admission for one that is open to all; its own loopback address is nobody. */
const nobody = "127.0.0.1";

/**
 * The targets of a group in the form of targets.conf(5). Write-through: bs-type
 * rdwr with write-cache off calls fdatasync after every write.
 * Initiators are admitted by address alone: tgt lets in whoever meets the address
 * or the name, and a name is copied together with a domain's
 * XML, an address is not.
 */
export function renderTgtTargets(volumes: readonly VolumePlan[]): string {
  return volumes
    .flatMap((volume) => (volume.exports.iscsi ? [renderTarget(volume, volume.exports.iscsi)] : []))
    .join("\n");
}

function renderTarget(volume: VolumePlan, { iqn, lun, scsiId, scsiSn }: IscsiExportPlan): string {
  const addresses = admittedBy("iscsi", volume);
  return [
    `<target ${word(iqn, "target")}>`,
    "    driver iscsi",
    `    <backing-store ${word(volume.device, "device")}>`,
    `        lun ${lun}`,
    "        bs-type rdwr",
    "        write-cache off",
    `        scsi_id ${word(scsiId, "SCSI id")}`,
    `        scsi_sn ${word(scsiSn, "SCSI serial")}`,
    "    </backing-store>",
    ...(addresses.length === 0 ? [nobody] : addresses).map(
      (address) => `    initiator-address ${word(address, "address")}`,
    ),
    "</target>",
    "",
  ].join("\n");
}
