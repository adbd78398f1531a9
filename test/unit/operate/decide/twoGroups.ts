import type { Inventory } from "../../../../src/inventory/inventory.ts";
import type { Evidence } from "../../../../src/operate/observe/evidence.ts";
import { type GroupView, viewGroup } from "../../../../src/operate/observe/groupSight.ts";
import type { Observation, Seen } from "../../../../src/operate/observe/observe.ts";
import type { MirrorState } from "../../../../src/operate/observe/states.ts";
import { type Volume, volumeState } from "../volumeState.ts";

/** A stack of two groups, main on mirror-a and other on mirror-b, and what its mirrors may say. */
export const inventory = {
  version: 2,
  stack: "lab",
  failover: { mode: "manual" },
  hosts: [
    { name: "kvm-a", uri: "qemu+ssh://root@kvm-a.example.net/system" },
    { name: "kvm-b", uri: "qemu+ssh://root@kvm-b.example.net/system" },
  ],
  mirrors: [
    { name: "mirror-a", host: "kvm-a" },
    { name: "mirror-b", host: "kvm-b" },
  ],
  groups: [
    { name: "main", vip: "10.20.0.10", preferredMirror: "mirror-a", volumes: ["r0", "r1"] },
    { name: "other", vip: "10.20.0.11", preferredMirror: "mirror-b", volumes: ["r2"] },
  ],
  volumes: [
    { name: "r0", group: "main" },
    { name: "r1", group: "main" },
    { name: "r2", group: "other" },
  ],
} as unknown as Inventory;

export const volume = volumeState;
export const lost: Partial<Volume> = { peerRole: "Unknown", peerDisk: "DUnknown", connection: "WFConnection" };
export const primary: Partial<Volume> = { role: "Primary", peerRole: "Secondary" };

export function state(mirror: string, volumes: readonly Volume[], vips: readonly string[] = []): Seen<MirrorState> {
  const groups = ["main", "other"].map((name) => ({
    name,
    vip: vips.includes(name),
    enabled: vips.includes(name),
    nbd: null,
    iscsi: null,
  }));
  return { state: { mirror, drbdVersion: "8.4.11", volumes: [...volumes], groups, attached: [], cluster: null } };
}
export const gone: Seen<MirrorState> = { unreachable: "Connection timed out" };
export const seen = (a: Seen<MirrorState>, b: Seen<MirrorState>): Observation => ({
  mirrors: new Map([
    ["mirror-a", a],
    ["mirror-b", b],
  ]),
  hosts: new Map(),
});
export const views = (a: Seen<MirrorState>, b: Seen<MirrorState>): GroupView[] =>
  inventory.groups.map(({ name }) => viewGroup(inventory, seen(a, b), name));

/** What starts mirror-a. */
export const startA = "ssh root@kvm-a.example.net virsh start --force-boot mirror-a";

/** main on mirror-a, other on mirror-b, both whole. */
export const healthyA = state("mirror-a", [volume("r0", primary), volume("r1", primary), volume("r2")], ["main"]);
export const healthyB = state("mirror-b", [volume("r0"), volume("r1"), volume("r2", primary)], ["other"]);
/** mirror-b after the death of mirror-a. */
export const alone = state(
  "mirror-b",
  [volume("r0", lost), volume("r1", lost), volume("r2", { ...primary, ...lost })],
  ["other"],
);

/** Its KVM host says that it is off, and that it never went on alone. */
export const off = (): Evidence => ({ domain: "off", marks: new Map() });
