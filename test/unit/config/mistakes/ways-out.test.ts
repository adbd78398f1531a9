import { refused } from "./refused.ts";

refused("ways out", {
  "a host by an IPv6 address": [
    { "hosts.kvm-a.uri": "qemu+ssh://root@[fd00::1]/system" },
    'kvm-mirror:hosts.kvm-a.uri = "qemu+ssh://root@[fd00::1]/system": names its host by an IPv6 address; ' +
      "write its name, or its IPv4 address",
  ],
  "an IPv6 network": [
    { "networks.storage.cidr": "fd00::/64" },
    'kvm-mirror:networks.storage.cidr = "fd00::/64": is not an IPv4 network; IPv6 is not used here: ' +
      "write network address/prefix, for example 10.20.0.0/24",
  ],
  "a proxy with a password, which is not shown": [
    { packages: { aptProxy: "http://me:hunter22@10.30.0.1:3142" } },
    'kvm-mirror:packages.aptProxy = "http://me:…@10.30.0.1:3142": is no proxy; write http://host:port',
  ],
  "a size in PiB": [
    { "volumes.r0.size": "500PiB" },
    'kvm-mirror:volumes.r0.size = "500PiB": has the unit PiB, which is too large; TiB is the largest: ' +
      "write a whole number and a unit of 1024, for example 256MiB or 100GiB",
  ],
  "a wait that DRBD cannot be told": [
    { "volumes.r0.replication": { wfcTimeout: 300001 } },
    "kvm-mirror:volumes.r0.replication.wfcTimeout = 300001: is longer than DRBD can be told; use at most " +
      "300000, or 0 to wait for ever",
  ],
  "a rate in MB, with one message": [
    { "volumes.r0.replication": { resyncRate: "100MB" } },
    'kvm-mirror:volumes.r0.replication.resyncRate = "100MB": is no rate as DRBD writes it; write 100M',
  ],
  "no rate at all": [
    { "volumes.r0.replication": { resyncRate: "0K" } },
    'kvm-mirror:volumes.r0.replication.resyncRate = "0K": is no rate; write bytes a second with K, M or ' +
      "G (units of 1024), for example 100M",
  ],
  "a number in quotes": [
    { "volumes.r0.minor": "0" },
    'kvm-mirror:volumes.r0.minor = "0": is a text; write 0 without quotes',
  ],
  "yes for true": [
    { "volumes.r0.leaves": "yes" },
    'kvm-mirror:volumes.r0.leaves = "yes": is a text; write true, without quotes',
  ],
  "yes where only true may be": [
    {
      allowSameHost: true,
      "mirrors.mirror-b.host": "kvm-a",
      "clients.app-1.hosts": undefined,
      "clients.db-1.active": "kvm-a",
      "networks.replication": { cidr: "10.10.0.0/24", isolated: true },
      "networks.storage": { cidr: "10.20.0.0/24", isolated: true },
      "networks.management": { cidr: "10.30.0.0/24", nat: true },
      "networks.storage.isolated": "yes",
    },
    'kvm-mirror:networks.storage.isolated = "yes": is not `true`; leave the key out instead',
  ],
  "an IPv6 address": [
    { "mirrors.mirror-a.storage": "fd00::11" },
    'kvm-mirror:mirrors.mirror-a.storage = "fd00::11": is not an IPv4 address; IPv6 is not used here: ' +
      "write an IPv4 address, for example 10.20.0.11",
  ],
  "an address with a prefix": [
    { "mirrors.mirror-a.storage": "10.20.0.11/24" },
    'kvm-mirror:mirrors.mirror-a.storage = "10.20.0.11/24": is not an IPv4 address; write it without the ' +
      "prefix: 10.20.0.11",
  ],
  "a disk without a protocol": [
    { "clients.app-1.disks": [{ volume: "r0" }] },
    "kvm-mirror:clients.app-1.disks[0].protocol: is missing; write nbd or iscsi",
  ],
  "an unknown host, without what follows from it": [
    { "networks.storage": { cidr: "10.20.0.0/24", isolated: true }, "mirrors.mirror-a.host": "NaN" },
    [
      "kvm-mirror:networks.storage.isolated: keeps the network inside one KVM host, but it must join " +
        "kvm-a and kvm-b; use a bridge that does",
      'kvm-mirror:mirrors.mirror-a.host = "NaN": is no KVM host; there are kvm-a and kvm-b',
    ].join("\n"),
  ],
  "no number at all": [
    { "mirrors.mirror-a.host": Number.NaN },
    "kvm-mirror:mirrors.mirror-a.host = NaN: is not what belongs here; write a text",
  ],
  "a unit that is a word of the language": [
    { "volumes.r0.size": "5constructor" },
    'kvm-mirror:volumes.r0.size = "5constructor": has the unit constructor, which is not known; write a ' +
      "whole number and a unit of 1024, for example 256MiB or 100GiB",
  ],
  "nothing where blocks belong": [
    { hosts: null, mirrors: [1], networks: 5, groups: "x", volumes: { r0: null }, clients: { a: 7 } },
    [
      "kvm-mirror:networks = 5: is not what belongs here; write one block of keys for each name",
      "kvm-mirror:mirrors: is not what belongs here; write one block of keys for each name",
      'kvm-mirror:groups = "x": is not what belongs here; write one block of keys for each name',
      "kvm-mirror:volumes.r0: is not what belongs here; write a block of keys",
      "kvm-mirror:clients.a = 7: is not what belongs here; write a block of keys",
      "kvm-mirror:hosts: names no KVM host; the mirrors need two",
    ].join("\n"),
  ],
  "a private key in the wrong place": [
    { "ssh.user": "-----BEGIN OPENSSH PRIVATE KEY-----" },
    "kvm-mirror:ssh.user: is no user name; use lower-case letters, digits, hyphens and underscores, at most 32",
  ],
  "a very long name": [
    {
      [`volumes.${"y".repeat(20_000)}`]: {},
    },
    [
      `kvm-mirror:volumes["${"y".repeat(100)}…"]: ` +
        "has a name of 20000 characters; it is the disk's serial too, which holds 20",
      `kvm-mirror:volumes["${"y".repeat(100)}…"].size: ` +
        "is missing: usable size; grows, never shrinks. What a client needs to see more: docs/clients.md",
    ].join("\n"),
  ],
  "a very long value": [
    {
      "hosts.kvm-a.pool": "x".repeat(20_000),
    },
    "kvm-mirror:hosts.kvm-a.pool = " +
      `"${"x".repeat(100)}…": ` +
      "is no name of a storage pool; use letters, digits and _ . + -, a letter, digit or underscore first, " +
      "at most 120",
  ],
  "a line separator in a key's comment": [
    {
      "ssh.authorizedKeys": [
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBnbjsF3/p0VV4VWSlN5VYSQOH+nb0APiwAmpsNJTb/w " +
          "operator@example.net\u2028runcmd: [reboot]",
      ],
    },
    "kvm-mirror:ssh.authorizedKeys[0]: has a control character in its comment (a tab, a line separator, " +
      "…); shorten the comment",
  ],
  "a tab in a key's comment": [
    {
      "ssh.authorizedKeys": [
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBnbjsF3/p0VV4VWSlN5VYSQOH+nb0APiwAmpsNJTb/w operator@example.net\tx",
      ],
    },
    "kvm-mirror:ssh.authorizedKeys[0]: has a control character in its comment (a tab, a line separator, " +
      "…); shorten the comment",
  ],
  "a DEL in a key's comment": [
    {
      "ssh.authorizedKeys": [
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBnbjsF3/p0VV4VWSlN5VYSQOH+nb0APiwAmpsNJTb/w operator@example.net\u007f",
      ],
    },
    "kvm-mirror:ssh.authorizedKeys[0]: has a control character in its comment (a tab, a line separator, " +
      "…); shorten the comment",
  ],
  "a C1 character in a key's comment": [
    {
      "ssh.authorizedKeys": [
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBnbjsF3/p0VV4VWSlN5VYSQOH+nb0APiwAmpsNJTb/w operator@example.net\u0085x",
      ],
    },
    "kvm-mirror:ssh.authorizedKeys[0]: has a control character in its comment (a tab, a line separator, " +
      "…); shorten the comment",
  ],
});
