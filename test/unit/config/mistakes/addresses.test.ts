import { refused } from "./refused.ts";

refused("addresses", {
  "a malformed address": [
    { "mirrors.mirror-a.storage": "10.20.0.011" },
    'kvm-mirror:mirrors.mirror-a.storage = "10.20.0.011": is not an IPv4 ' +
      "address; write an IPv4 address, for example 10.20.0.11",
  ],
  "an address outside its network": [
    { "mirrors.mirror-a.replication": "10.11.0.11" },
    'kvm-mirror:mirrors.mirror-a.replication = "10.11.0.11": is outside the ' +
      "replication network 10.10.0.0/24; use 10.10.0.1 to 10.10.0.254",
  ],
  "the network address": [
    { "groups.main.vip": "10.20.0.0" },
    `kvm-mirror:groups.main.vip = "10.20.0.0": is the network address of ` +
      "10.20.0.0/24, no host's; use 10.20.0.1 to 10.20.0.254",
  ],
  "the broadcast address": [
    { "groups.main.vip": "10.20.0.255" },
    `kvm-mirror:groups.main.vip = "10.20.0.255": is the broadcast address of ` +
      "10.20.0.0/24, no host's; use 10.20.0.1 to 10.20.0.254",
  ],
  "a gateway outside its network": [
    { "networks.management.gateway": "10.31.0.1" },
    'kvm-mirror:networks.management.gateway = "10.31.0.1": is outside the ' +
      "management network 10.30.0.0/24; use 10.30.0.1 to 10.30.0.254",
  ],
  "an address of two mirrors": [
    { "mirrors.mirror-b.storage": "10.20.0.11" },
    'kvm-mirror:mirrors.mirror-b.storage = "10.20.0.11": is the address of mirror mirror-a already ' +
      "(kvm-mirror:mirrors.mirror-a.storage); give mirror mirror-b an address of its own",
  ],
  "a VIP that is a mirror's address": [
    { "groups.main.vip": "10.20.0.12" },
    'kvm-mirror:groups.main.vip = "10.20.0.12": is the address of mirror mirror-b already ' +
      "(kvm-mirror:mirrors.mirror-b.storage); give the VIP of group main an address of its own",
  ],
  "a VIP that is a host's address": [
    { "groups.main.vip": "10.20.0.2" },
    'kvm-mirror:groups.main.vip = "10.20.0.2": is the address of KVM host kvm-a already ' +
      "(kvm-mirror:hosts.kvm-a.storageAddress); give the VIP of group main an address of its own",
  ],
  "a client's address that is the gateway's": [
    { "clients.app-1.machine.management": "10.30.0.1" },
    'kvm-mirror:clients.app-1.machine.management = "10.30.0.1": is the address of the gateway already ' +
      "(kvm-mirror:networks.management.gateway); give client app-1 an address of its own",
  ],
  "a client's address that is the one its host is reached by": [
    { "clients.app-1.machine.management": "10.30.0.3" },
    'kvm-mirror:clients.app-1.machine.management = "10.30.0.3": is the address of KVM host kvm-b ' +
      "already (kvm-mirror:hosts.kvm-b.uri); give client app-1 an address of its own",
  ],
});
