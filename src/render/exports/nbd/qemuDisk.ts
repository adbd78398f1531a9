import type { ClientDiskPlan } from "../../../plan/clients/clients.ts";
import { reconnectDelay } from "./reconnectDelay.ts";
import { xmlText } from "../../quoting.ts";

/**
 * A client's NBD disk as arguments for QEMU, for a libvirt that has no `<reconnect>`:
 * what libvirt itself would pass (raw NBD node without the host's page
 * cache, disk with serial and error policy `stop`) and two options that it does not:
 * `reconnect-delay`, and TCP keepalive, which frees a client that waits
 * for an answer of a server that is gone. scripts/host/attach-disk.sh puts it into a
 * domain's definition and, where that can be done, into the running QEMU.
 *
 * libvirt knows nothing of this disk, so its PCI slot is ours to choose: a high
 * one (libvirt takes the lowest free one), fixed by the target.
 */
export function renderQemuDisk(disk: ClientDiskPlan<"nbd">): string {
  const id = `kvm-mirror-${disk.target}`;
  const node = {
    driver: "nbd",
    "node-name": id,
    server: { type: "inet", host: disk.address, port: String(disk.port), "keep-alive": true },
    export: disk.sourceName,
    "reconnect-delay": reconnectDelay,
    cache: { direct: true, "no-flush": false },
  };
  const addr = pciSlot(disk.target);
  const common = { id, drive: id, serial: disk.serial, werror: "stop", rerror: "stop", "write-cache": "on" };
  const devices =
    disk.bus === "virtio"
      ? [{ driver: "virtio-blk-pci", ...common, addr }]
      : // A controller for each: units of libvirt's own stay free for libvirt.
        [
          { driver: "ahci", id: `${id}-ahci`, addr },
          { driver: "ide-hd", ...common, bus: `${id}-ahci.0` },
        ];
  const args = [
    ["-blockdev", JSON.stringify(node)],
    ...devices.map((device) => ["-device", JSON.stringify(device)]),
  ].flat();
  return [
    "<qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>",
    ...args.map((arg) => `  <qemu:arg value='${attribute(arg)}'/>`),
    "</qemu:commandline>",
    "",
  ].join("\n");
}

/** Targets that have a slot. */
export const qemuTargets = /^(vd|sd)([b-h])$/;

/**
 * Seven slots for virtio disks (vdb to vdh: 0x11 to 0x17) and seven for SATA
 * ones (sdb to sdh: 0x18 to 0x1e) of bus 0, which has 32.
 */
function pciSlot(target: string): string {
  const [, prefix, letter] = qemuTargets.exec(target) ?? [];
  if (letter === undefined)
    throw new Error(
      `target ${target} cannot be had by NBD where libvirt is older than 9.2: ` +
        "choose one of vdb to vdh or sdb to sdh, or iSCSI",
    );
  return `0x${(letter.charCodeAt(0) - "b".charCodeAt(0) + (prefix === "vd" ? 0x11 : 0x18)).toString(16)}`;
}

/** Between single quotes double ones may stay, and JSON stays legible. */
function attribute(text: string): string {
  return xmlText(text).replaceAll("&quot;", '"');
}
