import { refused } from "./refused.ts";

refused("networks", {
  "a missing network": [
    { "networks.storage": undefined },
    "kvm-mirror:networks.storage: is missing: replication, storage and management are three networks",
  ],
  "a network of a fourth name": [
    { "networks.managment": { cidr: "10.40.0.0/24", bridge: "br0" } },
    'kvm-mirror:networks.managment: is no key (did you mean "management"?)',
  ],
  "a malformed network": [
    { "networks.storage.cidr": "10.20.0.0" },
    'kvm-mirror:networks.storage.cidr = "10.20.0.0": is not a network; write ' +
      "network address/prefix, for example 10.20.0.0/24",
  ],
  "a network with bits behind its prefix": [
    { "networks.storage.cidr": "10.20.0.7/24" },
    'kvm-mirror:networks.storage.cidr = "10.20.0.7/24": has bits behind its prefix; the network is 10.20.0.0/24',
  ],
  "a network with an impossible number": [
    { "networks.storage.cidr": "10.20.300.0/24" },
    'kvm-mirror:networks.storage.cidr = "10.20.300.0/24": is not a network; ' +
      "write network address/prefix, for example 10.20.0.0/24",
  ],
  "a network too small": [
    { "networks.storage.cidr": "10.20.0.0/30" },
    'kvm-mirror:networks.storage.cidr = "10.20.0.0/30": has the prefix /30; use /8 to ' +
      "/29: a network of ours holds two mirrors, two hosts and a VIP",
  ],
  "overlapping networks": [
    {
      "networks.storage.cidr": "10.20.0.0/16",
      "networks.management.cidr": "10.20.30.0/24",
      clients: {},
      "networks.management.gateway": undefined,
      "mirrors.mirror-a.management": "10.20.30.11",
      "mirrors.mirror-b.management": "10.20.30.12",
    },
    'kvm-mirror:networks.management.cidr = "10.20.30.0/24": overlaps the storage ' +
      "network 10.20.0.0/16; the three networks must be apart",
  ],
  "a network without a form": [
    { "networks.storage.bridge": undefined },
    `kvm-mirror:networks.storage: has no form; write \`bridge: <name>\`, ` +
      `\`isolated: true\`, or, for management, \`nat: true\``,
  ],
  "a network of two forms": [
    { "networks.management.nat": true },
    `kvm-mirror:networks.management: has bridge and nat; a network is one of them: leave the others out
kvm-mirror:networks.management.gateway = "10.30.0.1": has no meaning here: the KVM host itself is the gateway behind NAT; remove it`,
  ],
  "a bridge name that Linux refuses": [
    { "networks.storage.bridge": "bridge-for-storage" },
    'kvm-mirror:networks.storage.bridge = "bridge-for-storage": is no name of a Linux ' +
      "bridge; use at most 15 letters, digits, dots, hyphens and underscores",
  ],
  "an MTU below what is useful": [
    { "networks.replication.mtu": 500 },
    "kvm-mirror:networks.replication.mtu = 500: is not an MTU of ours; use 1280 to 9216 bytes",
  ],
  "an MTU above jumbo frames": [
    { "networks.replication.mtu": 65000 },
    "kvm-mirror:networks.replication.mtu = 65000: is not an MTU of ours; use 1280 to 9216 bytes",
  ],
  "a gateway in the replication network": [
    { "networks.replication.gateway": "10.10.0.1" },
    'kvm-mirror:networks.replication.gateway = "10.10.0.1": leads nowhere: ' +
      "the replication network is not routed; remove it",
  ],
  "name servers in the storage network": [
    { "networks.storage.dns": ["10.20.0.53"] },
    "kvm-mirror:networks.storage.dns: is for the management network, where guests look up names; move it there",
  ],
  "NAT for replication": [
    { "networks.replication": { cidr: "10.10.0.0/24", nat: true } },
    "kvm-mirror:networks.replication.nat: is for management only; the " +
      "replication network is not routed: use bridge or isolated",
  ],
  "an isolated network that must join two hosts": [
    { "networks.replication": { cidr: "10.10.0.0/24", isolated: true } },
    "kvm-mirror:networks.replication.isolated: keeps the network inside one KVM host, " +
      "but it must join kvm-a and kvm-b; use a bridge that does",
  ],
  "a gateway beside NAT": [
    {
      "networks.management": { cidr: "10.30.0.0/24", nat: true, gateway: "10.30.0.1" },
      "mirrors.mirror-b.host": "kvm-a",
      allowSameHost: true,
      clients: {},
    },
    'kvm-mirror:networks.management.gateway = "10.30.0.1": has no meaning here: ' +
      "the KVM host itself is the gateway behind NAT; remove it",
  ],
});
