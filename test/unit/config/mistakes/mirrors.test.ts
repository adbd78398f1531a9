import { refused } from "./refused.ts";

refused("mirrors", {
  "one mirror": [
    { "mirrors.mirror-b": undefined },
    `kvm-mirror:mirrors: names mirror-a; a stack has exactly two mirrors, each the other's copy`,
  ],
  "three mirrors": [
    {
      "mirrors.mirror-c": { host: "kvm-b", replication: "10.10.0.13", storage: "10.20.0.13", management: "10.30.0.13" },
      allowSameHost: true,
    },
    `kvm-mirror:mirrors: names mirror-a, mirror-b and mirror-c; a stack has exactly two mirrors, each the other's copy`,
  ],
  "both mirrors on one host": [
    { "mirrors.mirror-b.host": "kvm-a" },
    'kvm-mirror:mirrors.mirror-b.host = "kvm-a": runs mirror mirror-a already: both copies would go down ' +
      "with it; use another host, or set kvm-mirror:allowSameHost to true if that is meant",
  ],
  "a mirror on a host that is not there": [
    { "mirrors.mirror-b.host": "kvm-c" },
    'kvm-mirror:mirrors.mirror-b.host = "kvm-c": is no KVM host; there are kvm-a and kvm-b',
  ],
  "too little memory": [
    { machine: { memory: "256MiB" } },
    'kvm-mirror:machine.memory = "256MiB": is too small; this machine needs at least 512MiB',
  ],
  "half a MiB of memory": [
    { machine: { memory: "1048577KiB" } },
    'kvm-mirror:machine.memory = "1048577KiB": is not a multiple of 1MiB',
  ],
  "no vCPU": [{ machine: { vcpus: 0 } }, "kvm-mirror:machine.vcpus = 0: is too few; a machine has at least 1 vCPU"],
  "an OS disk without room for an OS": [
    { machine: { osDisk: "512MiB" } },
    'kvm-mirror:machine.osDisk = "512MiB": is too small; an OS disk has at least 2GiB',
  ],
});
