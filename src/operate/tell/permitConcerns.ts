import type { Inventory, InventoryClient } from "../../inventory/inventory.ts";
import { isOn } from "../decide/clientMove.ts";
import type { Observation } from "../observe/observe.ts";
import type { ClientState } from "../observe/states.ts";

/**
 * What keeps a client from being started by hand where it is not active: a permit on each of its hosts
 * (scripts/host/lib/permits.sh), and libvirt's hook there that goes by it.
 */
export function permitConcerns(inventory: Inventory, seen: Observation): readonly string[] {
  const clients = inventory.clients.filter(isGuarded);
  const states = [...seen.hosts].flatMap(([host, found]) => ("state" in found ? [{ ...found.state, host }] : []));
  return [
    ...states.flatMap((state) => hookConcern(state, clients)),
    ...clients.flatMap((client) => clientConcern(client, states)),
  ];
}

type HostState = ClientState & { readonly host: string };

/** As `permits` of the plan's clients. */
const isGuarded = ({ managed, disks }: InventoryClient): boolean => managed || disks.length > 0;

function hookConcern({ host, hook }: HostState, clients: readonly InventoryClient[]): readonly string[] {
  const here = clients.filter(({ hosts }) => hosts.includes(host)).map(({ name }) => name);
  if (hook === undefined || hook === "called" || here.length === 0) return [];
  const open = `nothing there but the exports keeps ${here.join(", ")} from being started by hand`;
  if (hook === "old")
    return [`KVM host ${host}: its libvirt is older than 6.5 and does not call our hook: ${open}. Upgrade it there`];
  const what = hook === "waits" ? "libvirt does not call our hook yet" : "libvirt's hook is not installed";
  return [`KVM host ${host}: ${what}, and ${open}; ${anew(here[0] ?? "")}`];
}

function clientConcern(
  { name, host: active, hosts }: InventoryClient,
  states: readonly HostState[],
): readonly string[] {
  const said = states
    .filter(({ host }) => hosts.includes(host))
    .flatMap(({ host, hook, domains }) =>
      domains.filter((one) => one.name === name).map(({ permit, state }) => ({ host, hook, permit, state })),
    );
  const at = (permit: string): readonly string[] => said.filter((one) => one.permit === permit).map(({ host }) => host);
  const [unreadable] = at("unreadable");
  if (unreadable !== undefined) return [`client ${name}: its permit on ${unreadable} cannot be read; ${anew(name)}`];
  // A host without the hook has its own line.
  const without = said.filter(({ permit, hook }) => permit === "none" && hook !== "absent").map(({ host }) => host);
  if (without.length > 0) return [`client ${name} has no permit on ${without.join(" and ")}; ${anew(name)}`];
  const [incoming] = at("incoming");
  if (incoming !== undefined)
    return [
      `client ${name}: a live migration to ${incoming} was begun, and is not ended: its exports may admit both KVM ` +
        `hosts. Unless it is under way now, \`kvm-mirror client ${name} --to ${incoming} --live\` says how far it ` +
        "came, and goes on",
    ];
  const here = at("here");
  const moved = said.some(({ host, permit, state }) => host !== active && permit === "here" && isOn(state));
  if (here.length > 1)
    return [
      `client ${name} may be started on ${here.join(" and ")}; ${moved ? "`pulumi up` takes one permit" : anew(name)}`,
    ];
  // After a move away from a host that was dead, until `up` makes state and hosts agree.
  if (moved) return [];
  if (here[0] !== undefined && here[0] !== active)
    return [`client ${name} is active on ${active}, and its permit is on ${here[0]}; ${anew(name)}`];
  if (at("elsewhere").includes(active))
    return [`client ${name} may be started nowhere, not on ${active} either, where it is active; ${anew(name)}`];
  return [];
}

const anew = (client: string): string => `\`kvm-mirror client ${client} --permit\` mends that`;
