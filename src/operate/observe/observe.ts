import type { Inventory, InventoryHost, InventoryMirror } from "../../inventory/inventory.ts";
import {
  type ClientState,
  ClientStateSchema,
  type ClusterState,
  type MirrorState,
  MirrorStateSchema,
} from "./states.ts";
import { askHost, askMirror, type Patience, patient } from "../remote/runScript.ts";
import { messageOf } from "../../../plugins/serving/messageOf.ts";

/** What was seen, or why nothing could be. */
export type Seen<State> = { readonly state: State } | { readonly unreachable: string };

/** What is asked for, or why it cannot be had: that is part of the picture, not an error. */
export async function seenOf<State>(ask: () => Promise<State>): Promise<Seen<State>> {
  try {
    return { state: await ask() };
  } catch (error) {
    return { unreachable: messageOf(error) };
  }
}

export interface Observation {
  readonly mirrors: ReadonlyMap<string, Seen<MirrorState>>;
  readonly hosts: ReadonlyMap<string, Seen<ClientState>>;
}

/**
 * Asks every mirror and every KVM host at the same time. One that does not answer is part of the picture, not an error.
 * @param hurry.forHosts what the hosts say of clients is for the picture alone: who is in a hurry waits less for it
 * @param hurry.off whether its KVM host says that a mirror is off (unlessOff)
 */
export async function observe(
  inventory: Inventory,
  patience: Patience = patient,
  hurry: { readonly forHosts?: Patience; readonly off?: (mirror: string) => Promise<boolean> } = {},
): Promise<Observation> {
  const { forHosts = patience, off = () => Promise.resolve(false) } = hurry;
  const mirrorSeen = (mirror: InventoryMirror): Promise<Seen<MirrorState>> =>
    seenOf(() => unlessOff(off(mirror.name), patience, (each) => mirrorState(mirror, each)));
  const [mirrors, hosts] = await Promise.all([
    Promise.all(inventory.mirrors.map(async (mirror) => [mirror.name, await mirrorSeen(mirror)] as const)),
    Promise.all(
      inventory.hosts.map(
        async (host) => [host.name, await seenOf(() => clientState(host, inventory, forHosts))] as const,
      ),
    ),
  ]);
  return { mirrors: new Map(mirrors), hosts: new Map(hosts) };
}

/**
 * Asks a mirror of which its KVM host may say that it is off. From then on it gets one second for its first word: it is
 * not worth more while clients wait. It is asked all the same, for it may run where nobody expects it.
 */
export async function unlessOff<State>(
  off: Promise<boolean>,
  patience: Patience,
  ask: (patience: Patience) => Promise<State>,
): Promise<State> {
  const answer = ask(patience);
  const ended = () => false;
  if (!(await Promise.race([answer.then(ended, ended), off]))) return answer;
  return Promise.race([answer, ask({ ...patience, connect: 1 })]);
}

/**
 * What there is, where clients wait for a failover: a mirror on the same network that
 * takes seconds to say a word is as good as gone. Where no mirror says
 * one, none of them is told from a slow one, and all are given time.
 */
export async function lookQuickly(look: (patience: Patience) => Promise<Observation>): Promise<Observation> {
  const seen = await look({ ...patient, connect: 3 });
  return [...seen.mirrors.values()].some((mirror) => "state" in mirror) ? seen : look(patient);
}

/** The cluster as a mirror sees it; undefined when the mirror does not answer, or Pacemaker there does not. */
export function clusterSeenBy(seen: Observation, mirror: string): ClusterState | undefined {
  const found = seen.mirrors.get(mirror);
  return found && "state" in found && found.state.cluster?.answers ? found.state.cluster : undefined;
}

async function mirrorState(mirror: InventoryMirror, patience: Patience): Promise<MirrorState> {
  return MirrorStateSchema.parse(JSON.parse(await askMirror(mirror, patience, "state.sh")));
}

async function clientState(host: InventoryHost, inventory: Inventory, patience: Patience): Promise<ClientState> {
  const clients = inventory.clients.filter((client) => client.hosts.includes(host.name)).map((client) => client.name);
  return ClientStateSchema.parse(JSON.parse(await askHost(host, patience, "client-state.sh", ...clients)));
}
