import { Mistake } from "./written.ts";

/**
 * A machine's name is a libvirt domain, the guest's host name (DRBD's `on
 * <name>` must equal `uname -n`) and part of an iSCSI name: the
 * common ground is a DNS label (RFC 1123) in lower case.
 */
export function checkMachineName(name: string): void {
  if (!/^[a-z]([a-z0-9-]*[a-z0-9])?$/.test(name) || name.length > 63) {
    throw new Mistake(
      "has a name that is no host name; use lower-case letters, digits and " +
        "inner hyphens, a letter first, at most 63 characters",
    );
  }
}

/** A KVM host's name here; it need not be its DNS name. Also part of iSCSI initiator names. */
export function checkHostName(name: string): void {
  checkMachineName(name);
}

/** Names to which drbdadm, nbd-server and our own file names give a meaning of their own. */
const reservedVolumes = ["all", "global_common", "global", "common", "resource", "default", "generic"];

/**
 * A volume's name is a DRBD resource (a word of drbd.conf, and a file of
 * /etc/drbd.d), an NBD export, and the serial of two disks:
 * virtio-blk and SATA carry 20 characters of it.
 */
export function checkVolumeName(name: string): void {
  if (name.length > 20)
    throw new Mistake(`has a name of ${name.length} characters; it is the disk's serial too, which holds 20`);
  if (!/^[a-z]([a-z0-9_-]*[a-z0-9])?$/.test(name)) {
    throw new Mistake(
      "has a name that is none for a DRBD resource; use lower-case letters, " +
        "digits, inner hyphens and underscores, a letter first",
    );
  }
  if (reservedVolumes.includes(name))
    throw new Mistake("has a name that is a word of DRBD or nbd-server themselves; choose another");
}

/** A group's name is a systemd instance and part of file names. */
export function checkGroupName(name: string): void {
  if (!/^[a-z][a-z0-9]*$/.test(name) || name.length > 20) {
    throw new Mistake(
      "has a name that is none for a group; use lower-case letters and digits, a letter first, at most 20 characters",
    );
  }
}
