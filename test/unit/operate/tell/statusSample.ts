import type { Inventory } from "../../../../src/inventory/inventory.ts";
import type { Evidence } from "../../../../src/operate/observe/evidence.ts";
import type { Observation, Seen } from "../../../../src/operate/observe/observe.ts";
import type { ClientState, MirrorState } from "../../../../src/operate/observe/states.ts";
import { renderStatus } from "../../../../src/operate/tell/renderStatus.ts";
import { type Volume, volumeState } from "../volumeState.ts";

const mirror = (name: string, host: string, last: number, role: "primary" | "secondary") => ({
  name,
  host,
  replicationAddress: `10.10.0.${last}`,
  storageAddress: `10.20.0.${last}`,
  managementAddress: `10.30.0.${last}`,
  role,
  ssh: { target: `storage@10.30.0.${last}`, hostKey: "ssh-ed25519 AAAA" },
});

export const inventory: Inventory = {
  version: 2,
  stack: "lab",
  failover: { mode: "manual" },
  hosts: [
    { name: "kvm-a", uri: "qemu+ssh://root@10.30.0.2/system", address: "10.30.0.2", storageAddress: "10.20.0.2" },
    { name: "kvm-b", uri: "qemu+ssh://root@10.30.0.3/system", address: "10.30.0.3", storageAddress: "10.20.0.3" },
  ],
  mirrors: [mirror("mirror-a", "kvm-a", 11, "primary"), mirror("mirror-b", "kvm-b", 12, "secondary")],
  groups: [{ name: "main", vip: "10.20.0.10", preferredMirror: "mirror-a", volumes: ["r0", "r1"] }],
  volumes: ["r0", "r1"].map((name, minor) => ({
    name,
    size: 256 * 1024 ** 2,
    device: `/dev/drbd${minor}`,
    group: "main",
    preferredMirror: "mirror-a",
    replication: { protocol: "C" as const, resyncRate: "100M" },
  })),
  exports: [
    { volume: "r0", protocol: "nbd", address: "10.20.0.10", port: 10809, name: "r0" },
    { volume: "r1", protocol: "iscsi", address: "10.20.0.10", port: 3260, iqn: "iqn.2026-11.net.example:r1", lun: 1 },
  ],
  clients: [
    {
      name: "app-1",
      host: "kvm-a",
      hosts: ["kvm-a", "kvm-b"],
      managed: true,
      managementAddress: "10.30.0.21",
      disks: [
        { volume: "r0", protocol: "nbd", target: "vdb", bus: "virtio", serial: "r0" },
        { volume: "r1", protocol: "iscsi", target: "sdb", bus: "sata", serial: "r1" },
      ],
      ssh: { target: "storage@10.30.0.21", hostKey: "ssh-ed25519 AAAA" },
    },
  ],
};

const volume = (name: string, change: Partial<Volume> = {}): Volume =>
  volumeState(name, { role: "Primary", peerRole: "Secondary", ...change });

export function primaryState(change: Partial<Volume> = {}): MirrorState {
  return {
    mirror: "mirror-a",
    drbdVersion: "8.4.11",
    volumes: [volume("r0", change), volume("r1")],
    groups: [{ name: "main", vip: true, enabled: true, nbd: true, iscsi: true }],
    attached: [
      { volume: "r0", protocol: "nbd", address: "10.20.0.2" },
      { volume: "r1", protocol: "iscsi", address: "10.20.0.2", initiator: "iqn.2026-11.net.example:r1:app-1.kvm-a" },
    ],
    cluster: null,
  };
}

export function secondaryState(change: Partial<Volume> = {}): MirrorState {
  const roles = { role: "Secondary", peerRole: "Primary" };
  return {
    mirror: "mirror-b",
    drbdVersion: "8.4.11",
    volumes: [volume("r0", { ...roles, ...change }), volume("r1", roles)],
    groups: [{ name: "main", vip: false, enabled: false, nbd: false, iscsi: false }],
    attached: [],
    cluster: null,
  };
}

export const host = (name: string, state: string, reason = "I/O error"): Seen<ClientState> => ({
  state: { host: name, domains: [{ name: "app-1", state, reason: state === "paused" ? reason : "", disks: [] }] },
});

export function observation(
  a: Seen<MirrorState>,
  b: Seen<MirrorState>,
  onA = "running",
  onB = "shut off",
): Observation {
  return {
    mirrors: new Map([
      ["mirror-a", a],
      ["mirror-b", b],
    ]),
    hosts: new Map([
      ["kvm-a", host("kvm-a", onA)],
      ["kvm-b", host("kvm-b", onB)],
    ]),
  };
}

/** What needs attention, as `status` shows it. */
export const concerns = (seen: Observation, evidence?: ReadonlyMap<string, Evidence>): string =>
  renderStatus(inventory, seen, evidence).text.split("\n\n").at(-1) ?? "";
