import { refused } from "./refused.ts";

refused("volumes", {
  "no volume": [
    { volumes: {}, clients: {} },
    "kvm-mirror:volumes: names no volume; there is nothing to replicate: add one",
  ],
  "a size without a unit": [
    { "volumes.r0.size": "256" },
    'kvm-mirror:volumes.r0.size = "256": has no unit; write a whole number ' +
      "and a unit of 1024, for example 256MiB or 100GiB",
  ],
  "a size as a number": [
    { "volumes.r0.size": 268435456 },
    "kvm-mirror:volumes.r0.size = 268435456: is no text; write a whole number " +
      "and a unit of 1024, for example 256MiB or 100GiB",
  ],
  "a size in decimal units": [
    { "volumes.r0.size": "500GB" },
    'kvm-mirror:volumes.r0.size = "500GB": has the unit GB; sizes are in units of 1024: write 500GiB',
  ],
  "a size that is not whole MiB": [
    { "volumes.r0.size": "262145KiB" },
    'kvm-mirror:volumes.r0.size = "262145KiB": is not a multiple of 1MiB',
  ],
  "a size that is nothing": [
    { "volumes.r0.size": "0GiB" },
    'kvm-mirror:volumes.r0.size = "0GiB": is zero; write a whole number ' +
      "and a unit of 1024, for example 256MiB or 100GiB",
  ],
  "a volume larger than its data disk": [
    { "volumes.r0.disk": "256MiB" },
    `kvm-mirror:volumes.r0.disk = "256MiB": is too small for a volume of 256MiB and ` +
      "DRBD's metadata; write at least 257MiB, or leave it out",
  ],
  "a volume of an unknown group": [
    { "volumes.r0.group": "mian" },
    'kvm-mirror:volumes.r0.group = "mian": is no group; there is main',
  ],
  "a volume that does not choose among groups": [
    { "groups.spare": { vip: "10.20.0.9", preferredMirror: "mirror-b" }, "volumes.r1.group": "spare" },
    "kvm-mirror:volumes.r0.group: is missing: with several groups each volume names its own (main, spare)",
  ],
  "a new disk of an unknown mirror": [
    { "volumes.r0.newDisks": { "mirror-c": 1 } },
    'kvm-mirror:volumes.r0.newDisks = "mirror-c": is no mirror; there are mirror-a and mirror-b',
  ],
  "a number of new disks that is none": [
    { "volumes.r0.newDisks": { "mirror-b": 0 } },
    "kvm-mirror:volumes.r0.newDisks.mirror-b = 0: is below 1; leave the mirror out while it has its first disk",
  ],
  "a generation before the first": [
    { "volumes.r0.generation": 0 },
    "kvm-mirror:volumes.r0.generation = 0: is below 1, with which every volume begins",
  ],
  "several volumes without minors": [
    { "volumes.r1.minor": undefined },
    "kvm-mirror:volumes.r1.minor: is missing: with several volumes each names " +
      "its DRBD minor, which must never change afterwards",
  ],
  "a minor of two volumes": [
    { "volumes.r1.minor": 0 },
    "kvm-mirror:volumes.r1.minor = 0: is the minor of volume r0 already; " +
      "device and port follow from it: give each volume its own",
  ],
  "a minor that has no port": [
    { "volumes.r1.minor": 300 },
    "kvm-mirror:volumes.r1.minor = 300: is not a DRBD minor of ours; use 0 to 255",
  ],
  "a volume without an export": [
    { "volumes.r0.exports": {} },
    `kvm-mirror:volumes.r0.exports: names no protocol; write at least one of \`nbd: {}\`, \`iscsi: { iqn: … }\``,
  ],
  "two exports of one name": [
    { "volumes.r1.exports.nbd.name": "r0" },
    'kvm-mirror:volumes.r1.exports.nbd.name = "r0": is the NBD export of volume ' +
      "r0 already; clients of a VIP tell volumes apart by it",
  ],
  "one target for two volumes": [
    { "volumes.r0.exports.iscsi": { iqn: "iqn.2026-11.net.example:r1", lun: 2 } },
    'kvm-mirror:volumes.r1.exports.iscsi.iqn = "iqn.2026-11.net.example:r1": is the target of volume r0 already; ' +
      "initiators are admitted by target, so that each would reach both volumes: give each its own",
  ],
  "a protocol of replication that may lose writes": [
    { "volumes.r0.replication": { protocol: "A" } },
    'kvm-mirror:volumes.r0.replication.protocol = "A": is not offered; an ' +
      "acknowledged write must be on both mirrors, which is protocol C",
  ],
  "a rate without a unit": [
    { "volumes.r0.replication": { resyncRate: 100 } },
    "kvm-mirror:volumes.r0.replication.resyncRate = 100: is no text; " +
      "write bytes a second with K, M or G (units of 1024), for example 100M",
  ],
  "a rate below what DRBD takes": [
    { "volumes.r0.replication": { resyncRate: "249K" } },
    'kvm-mirror:volumes.r0.replication.resyncRate = "249K": is less than DRBD can be told; use at least 250K',
  ],
  "a rate beyond what DRBD takes": [
    { "volumes.r0.replication": { resyncRate: "5G" } },
    'kvm-mirror:volumes.r0.replication.resyncRate = "5G": is more than DRBD can be told; use at most 4G',
  ],
  "a time below nothing": [
    { "volumes.r0.replication": { wfcTimeout: -1 } },
    "kvm-mirror:volumes.r0.replication.wfcTimeout = -1: is below 0; 0 waits for ever",
  ],
  "a preload without a checksum": [
    { "volumes.r0.preload": { source: "https://example.net/r0.raw" } },
    `kvm-mirror:volumes.r0.preload.checksum: is missing: \`sha256:<hex>\` of the file at the source`,
  ],
  "a preload that names a list of checksums": [
    { "volumes.r0.preload": { source: "/srv/r0.raw", checksum: "sha256sums:/srv/SHA256SUMS" } },
    'kvm-mirror:volumes.r0.preload.checksum = "sha256sums:/srv/SHA256SUMS": names no ' +
      "algorithm; write sha256: and the 64 hexadecimal digits that sha256sum prints",
  ],
});
