import { refused } from "./refused.ts";

refused("names", {
  "a volume name that DRBD refuses": [
    { "volumes.my disk": { size: "1GiB", minor: 2, exports: { nbd: {} } } },
    'kvm-mirror:volumes["my disk"]: has a name that is none for a DRBD resource; use ' +
      "lower-case letters, digits, inner hyphens and underscores, a letter first",
  ],
  "a volume name with a slash": [
    { "volumes.a/b": { size: "1GiB", minor: 2, exports: { nbd: {} } } },
    'kvm-mirror:volumes["a/b"]: has a name that is none for a DRBD resource; use lower-case ' +
      "letters, digits, inner hyphens and underscores, a letter first",
  ],
  "a volume name that is a word of DRBD": [
    { "volumes.all": { size: "1GiB", minor: 2, exports: { nbd: {} } } },
    "kvm-mirror:volumes.all: has a name that DRBD, nbd-server or this program use themselves; choose another",
  ],
  "a volume name longer than a disk's serial": [
    { "volumes.customer-orders-2026-q4": { size: "1GiB", minor: 2, exports: { nbd: {} } } },
    "kvm-mirror:volumes.customer-orders-2026-q4: has a name of 23 " +
      "characters; it is the disk's serial too, which holds 20",
  ],
  "a client name that is no host name": [
    { "clients.App_2": { active: "kvm-a", machine: { management: "10.30.0.22" } } },
    "kvm-mirror:clients.App_2: has a name that is no host name; use lower-case letters, " +
      "digits and inner hyphens, a letter first, at most 63 characters",
  ],
  "a group name that systemd would split": [
    {
      "groups.my-group": { vip: "10.20.0.9", preferredMirror: "mirror-a" },
      "volumes.r0.group": "main",
      "volumes.r1.group": "my-group",
    },
    "kvm-mirror:groups.my-group: has a name that is none for a group; use lower-case " +
      "letters and digits, a letter first, at most 20 characters",
  ],
  "a client with the name of a mirror": [
    { "clients.mirror-a": { active: "kvm-a", machine: { management: "10.30.0.22" } } },
    "kvm-mirror:clients.mirror-a: has the name of a mirror; a machine needs a name of its own",
  ],
  "an NBD export name that nbd-server reads as a section": [
    { "volumes.r0.exports.nbd.name": "generic" },
    `kvm-mirror:volumes.r0.exports.nbd.name = "generic": is a section of nbd-server's own; choose another name`,
  ],
  "an IQN without the year and month": [
    { "volumes.r1.exports.iscsi.iqn": "iqn.net.example:r1" },
    'kvm-mirror:volumes.r1.exports.iscsi.iqn = "iqn.net.example:r1": is not an iSCSI name; write ' +
      "iqn.<year>-<month>.<reversed domain>:<name>, for example iqn.2026-11.net.example:r0",
  ],
  "an IQN in capital letters": [
    { "volumes.r1.exports.iscsi.iqn": "iqn.2026-11.net.example:R1" },
    'kvm-mirror:volumes.r1.exports.iscsi.iqn = "iqn.2026-11.net.example:R1": has capital ' +
      "letters; initiators compare iSCSI names in lower case: write it so",
  ],
  "an IQN that is too long": [
    { "volumes.r1.exports.iscsi.iqn": `iqn.2026-11.net.example:${"r".repeat(200)}` },
    "kvm-mirror:volumes.r1.exports.iscsi.iqn = " +
      `"iqn.2026-11.net.example:${"r".repeat(76)}…": has 224 characters; an iSCSI ` +
      "name holds 223",
  ],
  "an IQN that leaves no room for the initiator's name": [
    { "volumes.r1.exports.iscsi.iqn": `iqn.2026-11.net.example:${"r".repeat(190)}` },
    `kvm-mirror:volumes.r1.exports.iscsi.iqn = "iqn.2026-11.net.example:${"r".repeat(76)}…": is too long: the ` +
      "initiator name <iqn>:db-1.<host> has 225 characters, an iSCSI name holds 223; shorten it",
  ],
  "a missing IQN": [
    { "volumes.r1.exports.iscsi.iqn": undefined },
    "kvm-mirror:volumes.r1.exports.iscsi.iqn: is missing: name of the target, RFC 3720; one of its own for each volume",
  ],
  "a LUN that is the controller": [
    { "volumes.r1.exports.iscsi.lun": 0 },
    `kvm-mirror:volumes.r1.exports.iscsi.lun = 0: is not free; LUN 0 is the target's controller: use 1 to 255`,
  ],
});
