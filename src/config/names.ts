import { Mistake } from "./written.ts";

/** Names of every machine's own, in /etc/hosts and in DNS. */
const ownNames = ["localhost", "localdomain", "ip6-localhost", "ip6-loopback", "ip6-allnodes", "ip6-allrouters"];

/**
 * A machine's name is a libvirt domain, the guest's host name (DRBD's `on
 * <name>` must equal `uname -n`) and part of an iSCSI name: the
 * common ground is a DNS label (RFC 1123) in lower case.
 */
export function checkMachineName(name: string): void {
  checkLabel(name);
  if (ownNames.includes(name)) throw new Mistake("has a name that every machine has for itself; choose another");
}

function checkLabel(name: string): void {
  if (!/^[a-z]([a-z0-9-]*[a-z0-9])?$/.test(name) || name.length > 63) {
    throw new Mistake(
      "has a name that is no host name; use lower-case letters, digits and " +
        "inner hyphens, a letter first, at most 63 characters",
    );
  }
}

/**
 * A client's name is its libvirt domain's. A machine of ours has it as its host name, too; a domain that exists
 * keeps the name that it has, as far as it can be an argument and a part of a path.
 */
export function checkClientName(name: string, block: unknown): void {
  const { existing } = (typeof block === "object" && block !== null ? block : {}) as { existing?: unknown };
  if (existing !== true) return checkMachineName(name);
  if (!/^[A-Za-z0-9][A-Za-z0-9._+-]*$/.test(name) || name.length > 63)
    throw new Mistake(
      "has a name that cannot be handed to scripts; rename the domain (virsh domrename): letters, digits and " +
        ". _ + -, a letter or digit first, at most 63 characters",
    );
}

/** A KVM host's name here; it need not be its DNS name. Also part of iSCSI initiator names. */
export function checkHostName(name: string): void {
  checkLabel(name);
}

/** Names to which drbdadm, nbd-server and our own file names give a meaning of their own, quoted or not. */
const reservedVolumes = ["all", "global_common", "global", "common", "resource", "default", "generic", "marks"];

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
  // drbdadm takes what follows `minor-` for the number of a device.
  if (reservedVolumes.includes(name) || name.startsWith("minor-"))
    throw new Mistake("has a name that DRBD, nbd-server or this program use themselves; choose another");
}

/** A group's name is a systemd instance and part of file names. */
export function checkGroupName(name: string): void {
  if (!/^[a-z][a-z0-9]*$/.test(name) || name.length > 20) {
    throw new Mistake(
      "has a name that is none for a group; use lower-case letters and digits, a letter first, at most 20 characters",
    );
  }
}
