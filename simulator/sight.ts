import type { Inventory } from "../src/inventory/inventory.ts";
import type { Sight } from "../src/operate/observe/clientHost.ts";
import { timeOf } from "../src/operate/observe/evidence.ts";
import type { Copy as VolumeCopy } from "../src/operate/decide/diagnoseVolume.ts";
import type { Generation } from "../src/operate/decide/generation.ts";
import type { Observation, Seen } from "../src/operate/observe/observe.ts";
import type { ClientState, MirrorState } from "../src/operate/observe/states.ts";
import { suspended } from "./drbd/state.ts";
import { Conn, Disk, Domain, connectionWord, diskWord, roleWord } from "./words.ts";
import { type Mirror, type World, blocks, hostName, mirrorName } from "./world.ts";

/**
 * What the operator's commands see of the world, in the form in which they get it from state.sh and client-state.sh.
 */

export const volumeName = "r0";
export const groupName = "main";
export const clientName = "app-1";
const vip = "192.0.2.10";
const addresses = ["192.0.2.21", "192.0.2.22"] as const;

export function inventoryOf(world: World): Inventory {
  return (world.managed ? managed : foreign)[world.applied];
}

function inventory(active: 0 | 1, isManaged: boolean): Inventory {
  const ssh = { target: "", hostKey: "" };
  return {
    version: 2,
    stack: "simulated",
    failover: { mode: "manual" },
    hosts: [0, 1].map((index) => ({
      name: hostName(index),
      uri: `qemu+ssh://root@${hostName(index)}/system`,
      address: "",
      storageAddress: addresses[index === 0 ? 0 : 1],
    })),
    mirrors: [0, 1].map((index) => ({
      name: mirrorName(index),
      host: hostName(index),
      replicationAddress: "",
      storageAddress: "",
      managementAddress: "",
      role: index === 0 ? "primary" : "secondary",
      ssh,
    })),
    groups: [{ name: groupName, vip, preferredMirror: mirrorName(0), volumes: [volumeName] }],
    volumes: [
      {
        name: volumeName,
        size: blocks * 4096,
        device: "/dev/drbd0",
        group: groupName,
        preferredMirror: mirrorName(0),
        replication: { protocol: "C", resyncRate: "" },
      },
    ],
    exports: [{ volume: volumeName, protocol: "nbd", address: vip, port: 10809, name: volumeName }],
    clients: [
      {
        name: clientName,
        host: hostName(active),
        hosts: [hostName(0), hostName(1)],
        managed: isManaged,
        disks: [{ volume: volumeName, protocol: "nbd", target: "vdb", bus: "virtio", serial: "" }],
      },
    ],
  };
}
const managed = [inventory(0, true), inventory(1, true)] as const;
const foreign = [inventory(0, false), inventory(1, false)] as const;

export const answers = (world: World, mirror: Mirror): boolean =>
  mirror.domain === Domain.Running && !mirror.mute && (mirror.moved || isReached(world, mirror.index));
const isReached = (world: World, index: number): boolean => {
  const { up, reachable } = world.hosts[index === 0 ? 0 : 1];
  return up && reachable;
};
/** It does what an operator's command asks of it. */
export const hostAnswers = (world: World, index: number): boolean =>
  isReached(world, index) && !world.hosts[index === 0 ? 0 : 1].deaf;

export function observe(world: World): Observation {
  const mirrors = new Map<string, Seen<MirrorState>>();
  const hosts = new Map<string, Seen<ClientState>>();
  for (const index of [0, 1] as const) {
    const mirror = world.mirrors[index];
    mirrors.set(mirrorName(index), answers(world, mirror) ? { state: stateOf(world, mirror) } : silent);
    hosts.set(
      hostName(index),
      hostAnswers(world, index)
        ? { state: { host: hostName(index), domains: [{ name: clientName, ...domainOf(world, index), disks: [] }] } }
        : silent,
    );
  }
  return { mirrors, hosts };
}
const silent = { unreachable: "no answer" };

function domainOf(world: World, index: 0 | 1): { state: string; reason: string } {
  const copy = world.copies[index];
  return !copy.on
    ? { state: "shut off", reason: "" }
    : copy.paused
      ? { state: "paused", reason: "I/O error" }
      : { state: "running", reason: "" };
}

function stateOf(world: World, mirror: Mirror): MirrorState {
  const volume = {
    name: volumeName,
    role: roleWord[mirror.role] ?? "",
    peerRole: roleWord[mirror.peerRole] ?? "",
    disk: diskWord[mirror.own] ?? "",
    peerDisk: diskWord[mirror.peerDisk] ?? "",
    connection: connectionWord[mirror.conn] ?? "",
    syncPercent: mirror.conn > Conn.Connected ? 50 : null,
    outOfSyncKiB: mirror.conn < Conn.Connected && mirror.disk.dirty !== 0 ? 4 : 0,
    generation: mirror.conn < Conn.Connected && mirror.own >= Disk.Inconsistent ? lineOf(mirror) : null,
    lostSince: mirror.lostSince === 0 ? null : mirror.lostSince,
    heardUntil: heardUntil(world, mirror),
    alone: mirror.mark === 0 ? null : mirror.mark,
    frozen: mirror.frozen,
    suspended: suspended(mirror),
    snapshot: mirror.disk.kept ? { made: mirror.disk.kept.made, useless: null } : null,
  };
  const attached = [0, 1]
    .filter((host) => world.copies[host === 0 ? 0 : 1].session === mirror.index)
    .map((host) => ({ volume: volumeName, protocol: "nbd" as const, address: addresses[host === 0 ? 0 : 1] }));
  return {
    mirror: mirrorName(mirror.index),
    drbdVersion: "8.4.11",
    volumes: [volume],
    groups: [
      {
        name: groupName,
        vip: mirror.serving,
        enabled: mirror.enabled,
        nbd: mirror.serving,
        iscsi: null,
        configuration: `admits ${mirror.admits}`,
      },
    ],
    attached,
    cluster: null,
  };
}

/** Without the fix, mirrors do not say. */
function heardUntil({ fixes, now }: World, { conn, heard, lostSince }: Mirror): number | null {
  if (!fixes.signOfLife) return null;
  if (conn >= Conn.Connected) return now;
  if (!heard) return null;
  return lostSince === 0 ? now : lostSince;
}

/** As `drbdadm get-gi` prints it. */
const lineOf = ({ disk }: Mirror): string =>
  [disk.current, disk.bitmap, ...disk.history]
    .map((identity) => `${identity.toString(16).toUpperCase().padStart(16, "0")}:`)
    .join("");

/** `drbdadm get-gi` as parseGeneration() reads it. */
export function generationOf({ disk }: Mirror): Generation {
  return { current: BigInt(disk.current), bitmap: BigInt(disk.bitmap), history: disk.history.map(BigInt) };
}

/** What `recover` knows of a copy; undefined when the mirror cannot be asked. */
export function copyOn(world: World, mirror: Mirror): VolumeCopy | undefined {
  if (!answers(world, mirror)) return undefined;
  const state = stateOf(world, mirror);
  const [view] = state.volumes;
  if (!view) return undefined;
  const { connection, role, disk, peerDisk, syncPercent, outOfSyncKiB } = view;
  const alone = view.alone === null ? {} : { alone: timeOf(view.alone) };
  const generation = mirror.own === Disk.Diskless ? {} : { generation: generationOf(mirror) };
  return {
    connection,
    role,
    disk,
    peerDisk,
    syncPercent,
    outOfSyncKiB,
    mirror: state.mirror,
    users: state.attached.map(({ address }) => address),
    ...generation,
    ...alone,
  };
}

/** What `client` sees of the client on its hosts. */
export function findClient(world: World): ReadonlyMap<string, Sight> {
  return new Map(
    ([0, 1] as const).map(
      (index) => [hostName(index), hostAnswers(world, index) ? domainOf(world, index) : silent] as const,
    ),
  );
}
