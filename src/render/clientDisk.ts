import type { ClientDiskPlan } from "../plan/plan.ts";
import { renderDiskXml } from "./diskXml.ts";
import { type HostVersions, nbdForm } from "./nbdForm.ts";
import { renderQemuDisk } from "./qemuDisk.ts";

/**
 * A client's disk on one KVM host, in the form that this host's libvirt and
 * QEMU need for it to ride through the loss of a mirror.
 */
export function renderClientDisk(disk: ClientDiskPlan, host: string, versions: HostVersions): string {
  return disk.protocol === "nbd" && nbdForm(versions) === "qemu" ? renderQemuDisk(disk) : renderDiskXml(disk, host);
}
