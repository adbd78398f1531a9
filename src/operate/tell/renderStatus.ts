import { titleOf } from "../../config/exports/protocols.ts";
import { formatSize, readableSize } from "../../config/sizes.ts";
import { diskSourceOf, type InventoryExport } from "../../inventory/exports/protocols.ts";
import type { Inventory, InventoryClient } from "../../inventory/inventory.ts";
import { findPeer } from "../../plan/placement/pair.ts";
import { findConcerns } from "./concerns.ts";
import type { Evidence } from "../observe/evidence.ts";
import type { Observation } from "../observe/observe.ts";
import { isParted } from "../observe/whole.ts";
import { told } from "./protocols.ts";
import { type Paint, plain } from "./screen.ts";
import { table } from "./table.ts";
import { timeLeft } from "./timeLeft.ts";

/** The state of a stack for a person: mirrors, exports, clients, and what needs attention. */
export function renderStatus(
  inventory: Inventory,
  seen: Observation,
  evidence?: ReadonlyMap<string, Evidence>,
  paint: Paint = plain,
): { readonly text: string; readonly concerns: readonly string[] } {
  const concerns = findConcerns(inventory, seen, evidence);
  const sections = [
    `Stack ${inventory.stack}\n`,
    `Mirrors\n${table(mirrorRows(inventory, seen))}`,
    ...poolSection(seen),
    `Volumes\n${table(volumeRows(inventory, seen))}`,
    ...(inventory.exports.length === 0
      ? []
      : [`Exports\n${table(inventory.exports.map((item) => exportRow(item, inventory, seen)))}`]),
    ...(inventory.clients.length === 0
      ? []
      : [`Clients\n${inventory.clients.map((client) => clientBlock(client, seen)).join("")}`]),
    concerns.length === 0
      ? `${paint("green", "All is as it should be.")}\n`
      : `${paint("red", "Needs attention")}\n${concerns.map((concern) => `  ! ${concern}\n`).join("")}`,
  ];
  return { text: sections.join("\n"), concerns };
}

/**
 * The same for a machine: all that mirrors and KVM hosts said (states.ts), or why they said
 * nothing, and what is not as it should be; `healthy` is that there is none of it.
 */
export function statusDocument(inventory: Inventory, seen: Observation, concerns: readonly string[]): object {
  return {
    version: 1,
    stack: inventory.stack,
    healthy: concerns.length === 0,
    concerns,
    mirrors: Object.fromEntries(seen.mirrors),
    hosts: Object.fromEntries(seen.hosts),
  };
}

function mirrorRows(inventory: Inventory, seen: Observation): string[][] {
  return inventory.mirrors.map((mirror) => {
    const found = seen.mirrors.get(mirror.name);
    const state = found && "state" in found ? `DRBD ${found.state.drbdVersion}` : "unreachable";
    return [mirror.name, `on ${mirror.host}`, state, `ssh ${mirror.ssh.target}`];
  });
}

/** Space of the storage pools; nothing where no host tells of one. */
function poolSection({ hosts }: Observation): string[] {
  const rows = [...hosts].flatMap(([host, found]) =>
    "state" in found
      ? (found.state.pools ?? []).map(({ name, free, promised }) => {
          const rest = promised === 0 ? "" : `disks in it may still grow by ${readableSize(promised)}`;
          return [name, `on ${host}`, `${readableSize(free)} free`, rest];
        })
      : [],
  );
  return rows.length === 0 ? [] : [`Storage pools\n${table(rows)}`];
}

function volumeRows(inventory: Inventory, seen: Observation): string[][] {
  return inventory.volumes.flatMap((volume) =>
    inventory.mirrors.map((mirror, index) => {
      const found = seen.mirrors.get(mirror.name);
      const state =
        found && "state" in found ? found.state.volumes.find((candidate) => candidate.name === volume.name) : undefined;
      const label = index === 0 ? [volume.name, formatSize(volume.size)] : ["", ""];
      if (!state) return [...label, mirror.name, "unknown"];
      const sync = state.syncPercent === null ? "" : `${state.syncPercent.toFixed(1)} % synchronised`;
      const left = typeof state.syncSecondsLeft === "number" ? `${timeLeft(state.syncSecondsLeft)} left` : "";
      const notes = [sync, left, state.suspended === true ? "I/O suspended" : ""].filter(Boolean).join(", ");
      const connection = connectionWords(state.connection, findPeer(inventory.mirrors, mirror.name)?.name, seen);
      return [...label, mirror.name, state.role, state.disk, connection, notes];
    }),
  );
}

/** DRBD takes its time to notice that a peer is gone: what a mirror says of one that does not answer may be over. */
function connectionWords(connection: string, peer: string | undefined, { mirrors }: Observation): string {
  const found = peer === undefined ? undefined : mirrors.get(peer);
  const silent = found !== undefined && "unreachable" in found;
  return silent && !isParted(connection) ? `${connection} (${peer} does not answer)` : connection;
}

function exportRow(item: InventoryExport, inventory: Inventory, seen: Observation): string[] {
  const url = `${item.protocol}://${item.address}:${item.port}/${diskSourceOf(item).sourceName}`;
  const group = inventory.volumes.find((volume) => volume.name === item.volume)?.group;
  const states = [...seen.mirrors.values()].flatMap((found) => ("state" in found ? [found.state] : []));
  const serving = states
    .filter((state) =>
      state.groups.some((candidate) => candidate.name === group && candidate.vip && candidate[item.protocol] === true),
    )
    .map((state) => state.mirror);
  const attached = states
    .flatMap((state) => state.attached)
    .filter((one) => one.volume === item.volume && one.protocol === item.protocol);
  const users = attached.map((one) => one.initiator ?? one.address);
  return [
    item.volume,
    url,
    serving.length === 0 ? "not served" : `served by ${serving.join(" and ")}`,
    users.length === 0 ? nobody(item, inventory, seen) : `attached: ${users.join(", ")}`,
  ];
}

/** Nobody is attached; that may be as it should be (protocols.ts). */
function nobody({ protocol, volume }: InventoryExport, { clients }: Inventory, seen: Observation): string {
  const runs = (client: InventoryClient): boolean =>
    client.hosts.some((host) => domainOf(client, host, seen) === "running");
  const idle = clients
    .filter(
      (client) =>
        told(protocol).connectsWhenUsed &&
        client.disks.some((disk) => disk.volume === volume && disk.protocol === protocol) &&
        runs(client),
    )
    .map(({ name }) => name);
  return idle.length === 0
    ? "nobody attached"
    : `nobody attached; ${idle.join(", ")} connects when it next reads or writes`;
}

/** State of a client's domain on a host, in libvirt's words; undefined when the host does not answer. */
function domainOf(client: InventoryClient, host: string, seen: Observation): string | undefined {
  const found = seen.hosts.get(host);
  return found && "state" in found
    ? (found.state.domains.find((domain) => domain.name === client.name)?.state ?? "undefined")
    : undefined;
}

/**
 * The one name of a disk that guest and status agree on. vdb, vdc, … are given by the
 * guest in the order of the PCI slots, whatever the targets are called
 * in libvirt.
 */
function guestPath({ bus, serial }: InventoryClient["disks"][number]): string {
  return `/dev/disk/by-id/${bus === "virtio" ? "virtio-" : "ata-QEMU_HARDDISK_"}${serial}`;
}

function clientBlock(client: InventoryClient, seen: Observation): string {
  const states = client.hosts.map((host) => `${domainOf(client, host, seen) ?? "unreachable"} on ${host}`);
  const disks = client.disks.map((disk) => [
    disk.volume,
    `by ${titleOf(disk.protocol)}`,
    `in the guest: ${guestPath(disk)}`,
  ]);
  return (
    table([[client.name, states.join(", "), ...(client.ssh ? [`ssh ${client.ssh.target}`] : [])]]) +
    table(disks, "    ")
  );
}
