import { refused } from "./refused.ts";

const lvm = { backing: { lvm: { size: "1GiB" } } };

refused("what volumes lie on", {
  "a backing that is none, a thin pool for example": [
    { "volumes.r0.backing": "lvm-thin" },
    'kvm-mirror:volumes.r0.backing = "lvm-thin": is not offered; use disk, lvm or zvol',
  ],
  "a logical volume without an LVM disk": [
    { "volumes.r0.backing": "lvm" },
    'kvm-mirror:volumes.r0.backing = "lvm": needs an LVM disk on each mirror; give its size, as in ' +
      "`kvm-mirror:backing: { lvm: { size: 500GiB } }`",
  ],
  "a kind of backing that there is not": [
    { backing: { "thin-pool": { size: "1GiB" } } },
    "kvm-mirror:backing.thin-pool: is no key; known here: lvm, zvol",
  ],
  "an LVM disk without a size": [
    { backing: { lvm: {} } },
    "kvm-mirror:backing.lvm.size: is missing: size of the LVM disk on each mirror, which carries its volume group; " +
      "grows, never shrinks. All volumes with backing lvm, each with DRBD's metadata and rounded up to 4MiB, must " +
      "fit into it less 1MiB",
  ],
  "an LVM disk that nothing fits on": [
    { backing: { lvm: { size: "4MiB" } } },
    'kvm-mirror:backing.lvm.size = "4MiB": is too small for a volume group; use at least 32MiB',
  ],
  "logical volumes that do not fit on their disk": [
    { backing: { lvm: { size: "1GiB" } }, "volumes.r0.backing": "lvm", "volumes.r1.backing": "lvm" },
    'kvm-mirror:backing.lvm.size = "1GiB": is too small: it has room for 1020MiB of logical volumes, and the 2 with ' +
      "backing lvm need 1288MiB, each with DRBD's metadata and in whole 4MiB; write at least 1289MiB, or make " +
      "volumes smaller that are not made yet",
  ],
  "volumes that leave too little room for snapshots": [
    { backing: { lvm: { size: "1GiB", snapshotRoom: "510MiB" } }, "volumes.r1.backing": "lvm" },
    'kvm-mirror:backing.lvm.size = "1GiB": is too small: it has room for 1020MiB of logical volumes, and the 1 with ' +
      "backing lvm need 1540MiB, with 512MiB for snapshots (snapshotRoom), each with DRBD's metadata and in whole " +
      "4MiB; write at least 1541MiB, or make volumes smaller that are not made yet",
  ],
  "snapshots under a cluster": [
    {
      backing: { lvm: { size: "1GiB", snapshotRoom: "64MiB" } },
      failover: { mode: "automatic" },
      "hosts.kvm-a.fenceAddress": "10.30.0.2",
      "hosts.kvm-b.fenceAddress": "10.30.0.3",
    },
    'kvm-mirror:backing.lvm.snapshotRoom = "64MiB": is for manual failover: a cluster promotes no copy that was ' +
      "rolled back to its snapshot, so none is taken; leave it out",
  ],
  "room for snapshots that holds none": [
    { backing: { lvm: { size: "1GiB", snapshotRoom: "4MiB" } } },
    'kvm-mirror:backing.lvm.snapshotRoom = "4MiB": is too small for snapshots; use at least 32MiB, or leave it out',
  ],
  "a logical volume that would be thin": [
    { ...lvm, "volumes.r0.backing": "lvm", "volumes.r0.provisioning": "thin" },
    'kvm-mirror:volumes.r0.provisioning = "thin": is not for a volume with backing lvm: its logical volume is thick, ' +
      "there are no thin pools (a full one fails both copies at once); leave it out. The LVM disk may be thin in the " +
      "KVM host's pool: kvm-mirror:backing.lvm.provisioning",
  ],
  "a new LVM disk of an unknown mirror": [
    { backing: { lvm: { size: "1GiB", newDisks: { "mirror-c": 1 } } } },
    'kvm-mirror:backing.lvm.newDisks = "mirror-c": is no mirror; there are mirror-a and mirror-b',
  ],
  "an LVM disk that leaves with volumes on it": [
    { backing: { lvm: { size: "1GiB", leaves: true } }, "volumes.r0.backing": "lvm" },
    "kvm-mirror:backing.lvm.leaves = true: is for LVM disks whose volumes have left, and volume r0 lies on them; " +
      "take it away",
  ],
  "a name that LVM keeps for itself": [
    { ...lvm, "volumes.snapshot1": { size: "64MiB", minor: 7, backing: "lvm" } },
    "kvm-mirror:volumes.snapshot1: has a name that LVM keeps for itself (snapshot), as its logical volume would have " +
      "it; choose another",
  ],
  "a zvol without a ZFS disk": [
    { "volumes.r0.backing": "zvol" },
    'kvm-mirror:volumes.r0.backing = "zvol": needs a ZFS disk on each mirror; give its size, as in ' +
      "`kvm-mirror:backing: { zvol: { size: 500GiB } }`",
  ],
  "a ZFS disk that no pool fits on": [
    { backing: { zvol: { size: "128MiB" } } },
    'kvm-mirror:backing.zvol.size = "128MiB": is too small for a ZFS pool; use at least 256MiB',
  ],
  "zvols that do not fit into their pool": [
    { backing: { zvol: { size: "1GiB" } }, "volumes.r0.backing": "zvol", "volumes.r1.backing": "zvol" },
    'kvm-mirror:backing.zvol.size = "1GiB": is too small: its pool has room for 824MiB of zvols, and the 2 with ' +
      "backing zvol need 1307MiB, each with DRBD's and ZFS's metadata; write at least 1555MiB, or make volumes " +
      "smaller that are not made yet",
  ],
  "a compression that is none of those offered": [
    { backing: { zvol: { size: "4GiB", compression: "gzip" } } },
    'kvm-mirror:backing.zvol.compression = "gzip": is not offered; use lz4, zstd or off',
  ],
  "a scrub at no time": [
    { backing: { zvol: { size: "4GiB", scrub: "weekly" } } },
    'kvm-mirror:backing.zvol.scrub = "weekly": is no time to read the pools through at; write a day and a time of ' +
      'the mirrors\' clocks, as in "Sun 03:00", "daily 03:00" or "monthly 03:00"; or "never"',
  ],
  "a zvol whose space is not reserved": [
    {
      backing: { zvol: { size: "4GiB" } },
      "volumes.r0.backing": "zvol",
      "volumes.r0.provisioning": "thin",
    },
    'kvm-mirror:volumes.r0.provisioning = "thin": is not for a volume with backing zvol: the space of its zvol is ' +
      "reserved, there are no sparse ones (a full pool fails both copies at once); leave it out. The ZFS disk may be " +
      "thin in the KVM host's pool: kvm-mirror:backing.zvol.provisioning",
  ],
  "a new ZFS disk of an unknown mirror": [
    { backing: { zvol: { size: "4GiB", newDisks: { "mirror-c": 1 } } } },
    'kvm-mirror:backing.zvol.newDisks = "mirror-c": is no mirror; there are mirror-a and mirror-b',
  ],
  "a ZFS disk that leaves with volumes on it": [
    { backing: { zvol: { size: "4GiB", leaves: true } }, "volumes.r0.backing": "zvol" },
    "kvm-mirror:backing.zvol.leaves = true: is for ZFS disks whose volumes have left, and volume r0 lies on them; " +
      "take it away",
  ],
});
