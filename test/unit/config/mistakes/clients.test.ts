import { refused } from "./refused.ts";

refused("clients", {
  "a client on an unknown host": [
    { "clients.db-1.active": "kvm-c" },
    'kvm-mirror:clients.db-1.active = "kvm-c": is no KVM host; there are kvm-a and kvm-b',
  ],
  "a client defined on an unknown host": [
    { "clients.app-1.hosts": ["kvm-a", "kvm-c"] },
    'kvm-mirror:clients.app-1.hosts[1] = "kvm-c": is no KVM host; there are kvm-a and kvm-b',
  ],
  "a client whose active host is not among its hosts": [
    { "clients.app-1.hosts": ["kvm-b"] },
    'kvm-mirror:clients.app-1.active = "kvm-a": is not among its hosts (kvm-b); add it there, or choose one of them',
  ],
  "a client with a host twice": [
    { "clients.app-1.hosts": ["kvm-a", "kvm-a"] },
    'kvm-mirror:clients.app-1.hosts[1] = "kvm-a": is in the list twice; remove one',
  ],
  "a client that is neither made nor there": [
    { "clients.app-1.machine": undefined },
    `kvm-mirror:clients.app-1: has no machine; write \`machine: { management: ` +
      `<address> }\`, or \`existing: true\` if the domain is the VM team's`,
  ],
  "a client that is both made and there": [
    { "clients.db-1.machine": { management: "10.30.0.22" } },
    "kvm-mirror:clients.db-1.machine: is for machines that this stack makes; leave it out for an existing client",
  ],
  "a client machine without an address": [
    { "clients.app-1.machine.management": undefined },
    "kvm-mirror:clients.app-1.machine.management: is missing: address in the management " +
      "network; the same on every host, since it runs on one at a time",
  ],
  "an unknown volume": [
    { "clients.app-1.disks": [{ volume: "r9", protocol: "nbd" }] },
    'kvm-mirror:clients.app-1.disks[0].volume = "r9": is no volume; there are r0 and r1',
  ],
  "a volume attached to two clients": [
    { "clients.db-1.disks": [{ volume: "r0", protocol: "nbd", target: "vdb" }] },
    'kvm-mirror:clients.db-1.disks[0].volume = "r0": is attached to client app-1 by NBD already ' +
      "(kvm-mirror:clients.app-1.disks[0].volume); one volume is one disk of one client: two writers would destroy " +
      "its file system",
  ],
  "a volume attached by both protocols at once": [
    {
      "clients.db-1.disks": [
        { volume: "r1", protocol: "nbd", target: "vdb" },
        { volume: "r1", protocol: "iscsi", target: "sdc" },
      ],
    },
    'kvm-mirror:clients.db-1.disks[1].volume = "r1": is attached to client db-1 by NBD already ' +
      "(kvm-mirror:clients.db-1.disks[0].volume); one volume is one disk of one client: two writers would destroy " +
      "its file system",
  ],
  "a protocol that the volume does not export": [
    { "clients.app-1.disks": [{ volume: "r0", protocol: "iscsi" }] },
    'kvm-mirror:clients.app-1.disks[0].protocol = "iscsi": is not among the exports ' +
      "of volume r0; attach it by nbd, or export it by iSCSI too",
  ],
  "an unknown protocol": [
    { "clients.app-1.disks": [{ volume: "r0", protocol: "nvme" }] },
    'kvm-mirror:clients.app-1.disks[0].protocol = "nvme": is not offered; use nbd or iscsi',
  ],
  "two disks at one target": [
    {
      "clients.db-1.disks": [
        { volume: "r0", protocol: "nbd", target: "vdb" },
        { volume: "r1", protocol: "nbd", target: "vdb" },
      ],
      "clients.app-1": undefined,
    },
    'kvm-mirror:clients.db-1.disks[1].target = "vdb": is the target of ' +
      "volume r0 already; give each disk of a client its own",
  ],
  "a target of the machine's own disk": [
    { "clients.app-1.disks": [{ volume: "r0", protocol: "nbd", target: "vda" }] },
    `kvm-mirror:clients.app-1.disks[0].target = "vda": is taken: vda is the machine's ` +
      "OS disk, vdzz or sda its cloud-init seed; use the next letter",
  ],
  "a target of another bus": [
    { "clients.app-1.disks": [{ volume: "r0", protocol: "nbd", bus: "virtio", target: "sdb" }] },
    'kvm-mirror:clients.app-1.disks[0].target = "sdb": is not a target of ' +
      "bus virtio; write vdb, vdc, …, or another bus",
  ],
  "two disks without targets: each would move when another comes or goes": [
    {
      "clients.app-1.disks": [
        { volume: "r0", protocol: "nbd" },
        { volume: "r1", protocol: "nbd" },
      ],
      "clients.db-1": undefined,
    },
    [
      "kvm-mirror:clients.app-1.disks[0].target: is missing: where a client has more than one disk, each says " +
        "its target, so that none moves when another comes or goes. Without it this one was vdb: write `target: " +
        "vdb`",
      "kvm-mirror:clients.app-1.disks[1].target: is missing: where a client has more than one disk, each says " +
        "its target, so that none moves when another comes or goes. Without it this one was vdc: write `target: " +
        "vdc`",
    ].join("\n"),
  ],
  "an existing client's disk without a target": [
    { "clients.db-1.disks": [{ volume: "r1", protocol: "iscsi" }] },
    "kvm-mirror:clients.db-1.disks[0].target: is missing: only the VM team knows which " +
      "targets an existing client has free; ask for one, for example vdb",
  ],
});
