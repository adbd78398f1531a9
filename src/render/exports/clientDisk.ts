import type { ClientDiskPlan } from "../../plan/plan.ts";
import { renderDiskXml } from "./diskXml.ts";
import { ConfigError, keyPath } from "../../config/problem.ts";
import { canWait, type HostVersions, nbdForm } from "./nbd/nbdForm.ts";
import { qemuTargets, renderQemuDisk } from "./nbd/qemuDisk.ts";

/** Where a disk stands in the stack file, `kvm-mirror:clients.<name>.disks[<index>]`. */
export type DiskKey = readonly ["clients", string, "disks", number];

/**
 * A client's disk on one KVM host, in the form that this host's libvirt and
 * QEMU need for it to ride through the loss of a mirror.
 */
export function renderClientDisk(disk: ClientDiskPlan, host: string, versions: HostVersions): string {
  return disk.protocol === "nbd" && nbdForm(versions) === "qemu" ? renderQemuDisk(disk) : renderDiskXml(disk, host);
}

/**
 * The same, for the program: what a host cannot give is a mistake of the stack file, and named there.
 * @throws ConfigError
 */
export function renderDiskOf(key: DiskKey, disk: ClientDiskPlan, host: string, versions: HostVersions): string {
  const { libvirt, qemu } = versions;
  if (disk.protocol === "nbd" && !canWait(versions))
    throw new ConfigError([
      {
        key: keyPath(...key, "protocol"),
        value: disk.protocol,
        text:
          `cannot be had on KVM host ${host}: its QEMU ${qemu} cannot wait for an NBD server that is away; ` +
          "attach the disk by iscsi, or upgrade QEMU to 4.2 or newer",
      },
    ]);
  if (disk.protocol === "nbd" && nbdForm(versions) === "qemu" && !qemuTargets.test(disk.target))
    throw new ConfigError([
      {
        key: keyPath(...key, "target"),
        value: disk.target,
        text:
          `cannot be had by nbd on KVM host ${host}, whose libvirt ${libvirt} is older than 9.2: use one of ` +
          "vdb to vdh or sdb to sdh, protocol iscsi, or a newer libvirt",
      },
    ]);
  return renderClientDisk(disk, host, versions);
}
