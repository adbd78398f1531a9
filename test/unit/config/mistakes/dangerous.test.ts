import { refused } from "./refused.ts";

refused("dangerous", {
  "one host, once with the port that ssh takes anyway": [
    { "hosts.kvm-b.uri": "qemu+ssh://root@kvm-a.example.net:22/system" },
    'kvm-mirror:hosts.kvm-b.uri = "qemu+ssh://root@kvm-a.example.net:22/system": is KVM host kvm-a ' +
      "already, by another spelling (qemu+ssh://root@kvm-a.example.net/system); one host has one name",
  ],
  "one host by another user": [
    { "hosts.kvm-b.uri": "qemu+ssh://admin@kvm-a.example.net/system" },
    'kvm-mirror:hosts.kvm-b.uri = "qemu+ssh://admin@kvm-a.example.net/system": is KVM host kvm-a ' +
      "already, by another spelling (qemu+ssh://root@kvm-a.example.net/system); one host has one name",
  ],
  "one host in capitals, with a final dot": [
    { "hosts.kvm-b.uri": "qemu+ssh://root@KVM-A.example.net./system" },
    'kvm-mirror:hosts.kvm-b.uri = "qemu+ssh://root@KVM-A.example.net./system": is KVM host kvm-a ' +
      "already, by another spelling (qemu+ssh://root@kvm-a.example.net/system); one host has one name",
  ],
  "one host, once as the operator's own machine": [
    { "hosts.kvm-a.uri": "qemu:///system", "hosts.kvm-b.uri": "qemu+ssh://root@127.0.0.1/system" },
    'kvm-mirror:hosts.kvm-b.uri = "qemu+ssh://root@127.0.0.1/system": is KVM host kvm-a already, by ' +
      "another spelling (qemu:///system); one host has one name",
  ],
  "one bridge for all three networks": [
    { "networks.storage.bridge": "br-replication", "networks.management.bridge": "br-replication" },
    [
      'kvm-mirror:networks.storage.bridge = "br-replication": is the bridge of the replication network ' +
        "already; whoever is in one network would be in both: give each a bridge, or a VLAN with a bridge, " +
        "of its own",
      'kvm-mirror:networks.management.bridge = "br-replication": is the bridge of the replication ' +
        "network already; whoever is in one network would be in both: give each a bridge, or a VLAN with a " +
        "bridge, of its own",
    ].join("\n"),
  ],
  "a storage network in loopback": [
    { "networks.storage.cidr": "127.0.0.0/24" },
    'kvm-mirror:networks.storage.cidr = "127.0.0.0/24": is every machine\'s own loopback, no network of ' +
      "machines; use a private one, for example 10.20.0.0/24",
  ],
  "a storage network in multicast": [
    { "networks.storage.cidr": "224.0.0.0/24" },
    'kvm-mirror:networks.storage.cidr = "224.0.0.0/24": is for multicast, no network of machines; use a ' +
      "private one, for example 10.20.0.0/24",
  ],
  "a storage network in 0.0.0.0/8": [
    { "networks.storage.cidr": "0.0.0.0/24" },
    'kvm-mirror:networks.storage.cidr = "0.0.0.0/24": stands for no address at all, no network of ' +
      "machines; use a private one, for example 10.20.0.0/24",
  ],
  "a storage network in 240.0.0.0/4": [
    { "networks.storage.cidr": "240.0.0.0/24" },
    'kvm-mirror:networks.storage.cidr = "240.0.0.0/24": is reserved, no network of machines; use a ' +
      "private one, for example 10.20.0.0/24",
  ],
  "a third vote at a VIP": [
    { failover: { mode: "automatic", qdevice: { address: "10.20.0.10" } }, "hosts.kvm-a.fenceAddress": "10.30.0.2" },
    'kvm-mirror:failover.qdevice.address = "10.20.0.10": is the VIP of group main; use a machine in a third place',
  ],
  "a third vote at loopback": [
    { failover: { mode: "automatic", qdevice: { address: "127.0.0.1" } }, "hosts.kvm-a.fenceAddress": "10.30.0.2" },
    "kvm-mirror:failover.qdevice.address = \"127.0.0.1\": is every machine's own loopback, no machine's " +
      "address; write an IPv4 address, for example 10.20.0.11",
  ],
  "a third vote on a client": [
    { failover: { mode: "automatic", qdevice: { address: "10.30.0.21" } }, "hosts.kvm-a.fenceAddress": "10.30.0.2" },
    'kvm-mirror:failover.qdevice.address = "10.30.0.21": is client app-1; use a machine in a third place',
  ],
  "a third vote at a broadcast address": [
    { failover: { mode: "automatic", qdevice: { address: "10.30.0.255" } }, "hosts.kvm-a.fenceAddress": "10.30.0.2" },
    'kvm-mirror:failover.qdevice.address = "10.30.0.255": is the broadcast address of 10.30.0.0/24; use ' +
      "a machine in a third place",
  ],
  "a third vote that is made on a KVM host": [
    {
      failover: { mode: "automatic", qdevice: { address: "10.30.0.4", login: "root@KVM-a.example.net" } },
      "hosts.kvm-a.fenceAddress": "10.30.0.2",
    },
    'kvm-mirror:failover.qdevice.login = "root@KVM-a.example.net": is KVM host kvm-a, which dies with ' +
      "its mirror; use a machine in a third place",
  ],
  "an address for fencing that is the other host's": [
    { failover: { mode: "automatic" }, "hosts.kvm-a.fenceAddress": "10.30.0.3" },
    'kvm-mirror:hosts.kvm-a.fenceAddress = "10.30.0.3": is KVM host kvm-b; write the address at which ' +
      "the mirrors reach the ssh of KVM host kvm-a",
  ],
  "one address for fencing of both hosts": [
    {
      failover: { mode: "automatic" },
      "hosts.kvm-a.fenceAddress": "10.30.0.2",
      "hosts.kvm-b.fenceAddress": "10.30.0.2",
    },
    [
      'kvm-mirror:hosts.kvm-a.fenceAddress = "10.30.0.2": is KVM host kvm-b; write the address at which ' +
        "the mirrors reach the ssh of KVM host kvm-a",
      'kvm-mirror:hosts.kvm-b.fenceAddress = "10.30.0.2": is KVM host kvm-a; write the address at which ' +
        "the mirrors reach the ssh of KVM host kvm-b",
    ].join("\n"),
  ],
  "an address for fencing that is the mirror's own": [
    { failover: { mode: "automatic" }, "hosts.kvm-a.fenceAddress": "10.30.0.11" },
    'kvm-mirror:hosts.kvm-a.fenceAddress = "10.30.0.11": is mirror mirror-a; write the address at which ' +
      "the mirrors reach the ssh of KVM host kvm-a",
  ],
  "an address for fencing that is a VIP": [
    { failover: { mode: "automatic" }, "hosts.kvm-a.fenceAddress": "10.20.0.10" },
    'kvm-mirror:hosts.kvm-a.fenceAddress = "10.20.0.10": is the VIP of group main; write the address at ' +
      "which the mirrors reach the ssh of KVM host kvm-a",
  ],
  "an address for fencing that is none": [
    { failover: { mode: "automatic" }, "hosts.kvm-a.fenceAddress": "0.0.0.0" },
    'kvm-mirror:hosts.kvm-a.fenceAddress = "0.0.0.0": stands for no address at all, no machine\'s ' +
      "address; write an IPv4 address, for example 10.20.0.11",
  ],
  "the user of nbd-server": [
    { "ssh.user": "nbd" },
    'kvm-mirror:ssh.user = "nbd": is a user or group of the system; choose a user of its own, who gets ' +
      "passwordless sudo",
  ],
  "nobody as the user": [
    { "ssh.user": "nobody" },
    'kvm-mirror:ssh.user = "nobody": is a user or group of the system; choose a user of its own, who ' +
      "gets passwordless sudo",
  ],
  "the user of the cluster": [
    { "ssh.user": "hacluster" },
    'kvm-mirror:ssh.user = "hacluster": is a user or group of the system; choose a user of its own, who ' +
      "gets passwordless sudo",
  ],
  "a user of systemd": [
    { "ssh.user": "systemd-network" },
    'kvm-mirror:ssh.user = "systemd-network": is a user or group of the system; choose a user of its ' +
      "own, who gets passwordless sudo",
  ],
  "bitmaps that are larger than the mirror": [
    { machine: { memory: "768MiB" }, "volumes.r0.size": "1000TiB", "volumes.r1.size": "1000TiB" },
    'kvm-mirror:machine.memory = "768MiB": is too small: DRBD\'s bitmaps of the volumes alone take 62.5 ' +
      "GiB of it; use at least 125GiB, or smaller volumes",
  ],
  "a volume that is larger than DRBD's largest": [
    { "volumes.r0.size": "2000TiB" },
    'kvm-mirror:volumes.r0.size = "2000TiB": is larger than DRBD 8.4 takes; use at most 1024TiB',
  ],
  "a mirror that is localhost": [
    {
      "mirrors.localhost": {
        host: "kvm-b",
        replication: "10.10.0.12",
        storage: "10.20.0.12",
        management: "10.30.0.12",
      },
      "mirrors.mirror-b": undefined,
    },
    "kvm-mirror:mirrors.localhost: has a name that every machine has for itself; choose another",
  ],
  "a proxy at a port that is none": [
    { packages: { aptProxy: "http://10.30.0.1:99999" } },
    'kvm-mirror:packages.aptProxy = "http://10.30.0.1:99999": has a port that is none; use 1 to 65535',
  ],
  "a login at a port that is none": [
    {
      failover: { mode: "automatic", qdevice: { address: "10.30.0.4", login: "root@vote:99999" } },
      "hosts.kvm-a.fenceAddress": "10.30.0.2",
    },
    'kvm-mirror:failover.qdevice.login = "root@vote:99999": is no login for ssh: the port must be 1 to ' +
      '65535, not "99999"; write [user@]host[:port]',
  ],
  "no time for the first synchronisation": [
    { "volumes.r0.replication": { firstSyncDeadline: 0 } },
    "kvm-mirror:volumes.r0.replication.firstSyncDeadline = 0: is too short for a first synchronisation; " +
      "use at least 60 seconds",
  ],
  "a secret that repeats itself": [
    { secret: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" },
    "kvm-mirror:secret: is easy to guess: it repeats itself, or counts up; make it with: printf " +
      "'stack-%s' \"$(openssl rand -hex 32)\" | pulumi config set --secret kvm-mirror:secret",
  ],
  "a secret that counts up": [
    { secret: "abcdefghijklmnopqrstuvwxyz0123456789" },
    "kvm-mirror:secret: is easy to guess: it repeats itself, or counts up; make it with: printf " +
      "'stack-%s' \"$(openssl rand -hex 32)\" | pulumi config set --secret kvm-mirror:secret",
  ],
  "a secret that is short behind its beginning": [
    { secret: "stack-0123456789abcdef012345678" },
    "kvm-mirror:secret: is shorter than 32 characters; make it with: printf 'stack-%s' \"$(openssl rand " +
      '-hex 32)" | pulumi config set --secret kvm-mirror:secret',
  ],
});
