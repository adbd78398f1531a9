import { protocols } from "../../config/exports/protocols.ts";
import type { Inventory } from "../../inventory/inventory.ts";
import { isOn } from "../decide/clientMove.ts";
import { compareConcerns } from "./compareConcerns.ts";
import { clusterConcerns } from "./clusterConcerns.ts";
import type { Evidence } from "../observe/evidence.ts";
import type { MirrorState } from "../observe/states.ts";
import type { Observation } from "../observe/observe.ts";
import { viewGroup } from "../observe/groupSight.ts";
import { unequal } from "../decide/sameOnBoth.ts";
import { notifyConcerns } from "./notifyConcerns.ts";
import { outgrownConcerns } from "./outgrownConcerns.ts";
import { pathConcerns } from "./pathConcerns.ts";
import { permitConcerns } from "./permitConcerns.ts";
import { told } from "./protocols.ts";
import { movedConcerns, signConcerns } from "./movedConcerns.ts";
import { poolConcerns } from "./poolConcerns.ts";
import { hangConcerns } from "./hangConcerns.ts";
import { slowConcerns, unwatchedWrites } from "./slowConcerns.ts";
import { zfsConcerns } from "./zfsConcerns.ts";
import { volumeConcerns } from "./volumeConcerns.ts";

/**
 * What is not as it should be, each with what it means or what to do; empty when all is well.
 * @param evidence what the KVM hosts of mirrors know of them
 */
export function findConcerns(
  inventory: Inventory,
  seen: Observation,
  evidence: ReadonlyMap<string, Evidence> = new Map(),
): readonly string[] {
  const states = inventory.mirrors.flatMap(({ name }) => {
    const found = seen.mirrors.get(name);
    return found && "state" in found ? [found.state] : [];
  });
  const silent = inventory.mirrors
    .map(({ name }) => name)
    .filter((name) => !states.some(({ mirror }) => mirror === name));
  const { mode } = inventory.failover;
  return [
    ...unreachable(seen),
    ...states.flatMap(pathConcerns),
    ...inventory.volumes.flatMap((volume) => volumeConcerns(volume, states, evidence, silent, mode)),
    ...inventory.volumes.flatMap((volume) => compareConcerns(volume, states)),
    ...inventory.volumes.flatMap((volume) =>
      slowConcerns(
        volume,
        inventory.mirrors.map(({ name }) => name),
        states,
      ),
    ),
    ...inventory.groups.flatMap((group) => groupConcerns(inventory, group, states)),
    ...inventory.groups.flatMap((group) =>
      unequal(viewGroup(inventory, seen, group.name)).map(
        (difference) => `${difference}. Until then a switch is refused, and a failover may leave clients outside`,
      ),
    ),
    ...states.flatMap((state) => outgrownConcerns(inventory, state)),
    ...clusterConcerns(inventory, states),
    ...clientConcerns(inventory, seen),
    ...permitConcerns(inventory, seen),
    ...poolConcerns(seen),
    ...hostConcerns(seen),
    ...movedConcerns(inventory, evidence),
    ...signConcerns(inventory, seen, evidence),
    ...states.flatMap(spaceConcerns),
    ...states.flatMap(firewallConcerns),
    ...states.flatMap(notifyConcerns),
    ...states.flatMap(unwatchedWrites),
    ...states.flatMap(hangConcerns),
    ...states.flatMap(zfsConcerns),
  ];
}

function unreachable(seen: Observation): string[] {
  const all = [
    ...[...seen.mirrors].map(([name, found]) => ["mirror", name, found] as const),
    ...[...seen.hosts].map(([name, found]) => ["KVM host", name, found] as const),
  ];
  return all.flatMap(([kind, name, found]) =>
    "unreachable" in found ? [`${kind} ${name} cannot be asked: ${found.unreachable}`] : [],
  );
}

/** Of the VIP and the servers; that a group without them is Primary nowhere, or twice, its volumes tell. */
function groupConcerns(
  inventory: Inventory,
  { name: group, vip }: Inventory["groups"][number],
  states: readonly MirrorState[],
): string[] {
  if (vip === undefined) return [];
  const views = states.flatMap((state) =>
    state.groups.filter((view) => view.name === group).map((view) => ({ ...view, mirror: state.mirror })),
  );
  const holders = views.filter((view) => view.vip).map((view) => view.mirror);
  const concerns: string[] = [];
  if (holders.length === 0)
    concerns.push(`no mirror holds the VIP ${vip} of group ${group}: its exports cannot be reached`);
  if (holders.length > 1) concerns.push(`${holders.join(" and ")} both hold the VIP ${vip} of group ${group}`);
  for (const protocol of protocols) {
    const wanted = inventory.exports.some(
      (item) =>
        item.protocol === protocol &&
        inventory.volumes.some((volume) => volume.name === item.volume && volume.group === group),
    );
    for (const view of views) {
      if (wanted && view.vip && view[protocol] !== true)
        concerns.push(
          `group ${group}: ${view.mirror} holds the VIP, but ${told(protocol).server} does not listen on it`,
        );
    }
  }
  return concerns;
}

/** Per cent from which a file system of a mirror is about to be full. */
const nearlyFull = 90;

function spaceConcerns({ mirror, space = [] }: MirrorState): string[] {
  return space
    .filter(({ usedPercent }) => usedPercent > nearlyFull)
    .map(
      ({ path, usedPercent }) =>
        `${mirror}: the file system at ${path} is ${usedPercent} % full (bytes or files): make room there; a ` +
        "full one takes no records and no configuration (journalctl --vacuum-size=100M; apt-get clean)",
    );
}

function firewallConcerns({ mirror, firewall }: MirrorState): string[] {
  return firewall?.loaded === false
    ? [
        `${mirror}: its firewall is not in force, so whoever is in one of its networks reaches every port: ` +
          `${firewall.why ?? "nobody has loaded it; on the mirror: sudo systemctl restart kvm-mirror-firewall"}`,
      ]
    : [];
}

/** What a KVM host would do to the mirrors when it shuts down. */
function hostConcerns(seen: Observation): string[] {
  return [...seen.hosts].flatMap(([host, found]) =>
    "state" in found && found.state.suspends === true
      ? [
          `KVM host ${host} saves its VMs to disk when it shuts down: a mirror that ` +
            "wakes from such memory goes on as the primary that it was. " +
            `Set ON_SHUTDOWN=shutdown in /etc/default/libvirt-guests (or /etc/sysconfig/libvirt-guests) there`,
        ]
      : [],
  );
}

function clientConcerns(inventory: Inventory, seen: Observation): string[] {
  return inventory.clients.flatMap((client) => {
    const domains = [...seen.hosts].flatMap(([host, found]) =>
      "state" in found
        ? found.state.domains.filter((domain) => domain.name === client.name).map((domain) => ({ host, ...domain }))
        : [],
    );
    const running = domains.filter((domain) => domain.state === "running").map((domain) => domain.host);
    const on = domains.filter((domain) => isOn(domain.state) && domain.state !== "saved").map((domain) => domain.host);
    if (on.length > 1) return [`client ${client.name} runs on ${on.join(" and ")}: stop one of them now`];
    const paused = domains.find((domain) => domain.state === "paused");
    if (paused) return [pausedConcern(client.name, paused.host, paused.reason)];
    const strange = domains.find((domain) => strangeStates[domain.state] !== undefined);
    if (strange) return [`client ${client.name} on ${strange.host}: ${strangeStates[strange.state] ?? ""}`];
    if (client.managed && running.length === 0)
      return [stoppedConcern(client.name, client.host, domains.find(({ host }) => host === client.host)?.state)];
    return [];
  });
}

/** No KVM host starts a client at boot: after a move, the host that it left would start a second copy. */
function stoppedConcern(client: string, host: string, state: string | undefined): string {
  if (state === undefined) return `client ${client} does not run, unless it does on ${host}, which cannot be asked`;
  return (
    `client ${client} does not run: it is ${state} on ${host}, where it belongs; a KVM host starts no ` +
    `client by itself when it boots. \`kvm-mirror client ${client} --start\` starts it`
  );
}
/** States that need somebody, other than off and paused. */
const strangeStates: Readonly<Record<string, string>> = {
  saved:
    "it is not shut down but saved to disk, with writes in its memory that are not on its disks; `virsh start` " +
    "there wakes it, unless it has run elsewhere since (then `virsh managedsave-remove`)",
  crashed: "its guest has crashed; `virsh destroy` there ends its QEMU process, then start it again",
  unknown: "libvirt there does not say its state; until it does, it counts as running",
};

function pausedConcern(client: string, host: string, reason: string): string {
  return reason === "I/O error"
    ? `client ${client} is paused on ${host}: its storage was away for longer than it waits; once the exports ` +
        `are served again, \`kvm-mirror client ${client} --resume\` lets it go on where it was`
    : `client ${client} is paused on ${host} (${reason || "no reason given"}): whoever ` +
        `did that resumes it, with \`virsh resume ${client}\` there`;
}
