import { refused } from "./refused.ts";

refused("clashing names", {
  "an NBD export twice, where one volume leaves out its group": [
    { "volumes.r0.group": "main", "volumes.r1.exports.nbd.name": "r0" },
    'kvm-mirror:volumes.r1.exports.nbd.name = "r0": is the NBD export of volume r0 already; clients of a ' +
      "VIP tell volumes apart by it",
  ],
  "a volume that is called like a part of the cluster": [
    {
      failover: { mode: "automatic" },
      "hosts.kvm-a.fenceAddress": "10.30.0.2",
      "volumes.vip": { size: "1GiB", minor: 2, exports: { nbd: {} } },
    },
    "kvm-mirror:volumes.vip: cannot have this name beside r1: the cluster would have two things of the " +
      "id kvm-mirror-main-vip-with-r1; choose another",
  ],
  "volumes whose names and parts of the cluster are the same": [
    {
      failover: { mode: "automatic" },
      "hosts.kvm-a.fenceAddress": "10.30.0.2",
      "volumes.db": { size: "1GiB", minor: 2, exports: { nbd: {} } },
      "volumes.db-clone": { size: "1GiB", minor: 3, exports: { nbd: {} } },
      "volumes.db-start": { size: "1GiB", minor: 4, exports: { nbd: {} } },
    },
    "kvm-mirror:volumes.db: cannot have this name beside db-clone: the cluster would have two things of " +
      "the id drbd-db-clone; choose another",
  ],
  "volumes and mirrors that join to one name": [
    {
      mirrors: {
        mirror: { host: "kvm-a", replication: "10.10.0.11", storage: "10.20.0.11", management: "10.30.0.11" },
        "new-mirror": { host: "kvm-b", replication: "10.10.0.12", storage: "10.20.0.12", management: "10.30.0.12" },
      },
      "groups.main.preferredMirror": "mirror",
      "volumes.db": { size: "1GiB", minor: 2, exports: { nbd: {} } },
      "volumes.db-new": { size: "1GiB", minor: 3, exports: { nbd: {} } },
    },
    "kvm-mirror:volumes.db-new: has a name that cannot be told apart: volume db-new on mirror mirror and " +
      "volume db on mirror new-mirror would both be db-new-mirror to Pulumi; choose another",
  ],
  "clients and hosts that join to one name": [
    {
      "hosts.b-kvm-a": { uri: "qemu+ssh://c/system", storageAddress: "10.20.0.4" },
      "clients.app": { active: "b-kvm-a", machine: { management: "10.30.0.31" } },
      "clients.app-b": { active: "kvm-a", machine: { management: "10.30.0.32" } },
    },
    "kvm-mirror:clients.app-b: has a name that cannot be told apart: client app-b on KVM host kvm-a and " +
      "client app on KVM host b-kvm-a would both be app-b-kvm-a to Pulumi; choose another",
  ],
  "a volume with the name of the marks' disk": [
    { "volumes.marks": { size: "1GiB", minor: 2, exports: { nbd: {} } } },
    "kvm-mirror:volumes.marks: has a name that DRBD, nbd-server or this program use themselves; choose another",
  ],
});
