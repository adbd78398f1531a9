import { refused } from "./refused.ts";

refused("keys", {
  "an unknown key": [{ volums: {} }, 'kvm-mirror:volums: is no key (did you mean "volumes"?)'],
  "an unknown key far from all": [
    { colour: "red" },
    "kvm-mirror:colour: is no key; known here: allowSameHost, backing, bootDeadline, clients, failover, firewall, " +
      "groups, hosts, image, installAgain, keyGeneration, machine, mirrors, monitoring, networks, packages, " +
      "protectData, secret, ssh, verify, volumes",
  ],
  "an unknown key in a block": [
    { "hosts.kvm-a.storageAdress": "10.20.0.2" },
    'kvm-mirror:hosts.kvm-a.storageAdress: is no key (did you mean "storageAddress"?)',
  ],
  "an unknown key deep in a block": [
    { "volumes.r0.replication": { resyncrate: "200M" } },
    'kvm-mirror:volumes.r0.replication.resyncrate: is no key (did you mean "resyncRate"?)',
  ],
  "a list in the place of a block": [
    { mirrors: ["mirror-a", "mirror-b"] },
    "kvm-mirror:mirrors: is not what belongs here; write one block of keys for each name",
  ],
  "a text in the place of a block": [
    { machine: "large" },
    'kvm-mirror:machine = "large": is not what belongs here; write a block of keys',
  ],
});
