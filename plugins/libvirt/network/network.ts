/** Virtual networks: over a bridge of the host, isolated, or behind NAT. */
import type { CheckFailure, ResourceKind } from "../../serving/resource.ts";
import type { ProviderConfig } from "../config.ts";
import type { Hosts } from "../host/hosts.ts";
import { objectName } from "../names.ts";
import { ownerOf, refusal, sameOwner } from "../owner.ts";
import { uuidOf } from "../uuid.ts";
import { networkInputs, networkOutputs } from "./networkInputs.ts";
import type { NetworkInputs } from "./networkInputs.ts";
import { inspectNetwork } from "./networkState.ts";
import { editNetwork, readNetwork, renderNetwork } from "./networkXml.ts";

export interface NetworkState extends NetworkInputs {
  readonly uuid: string;
}

export function networkUuid(name: string): string {
  return uuidOf(`network/${name}`);
}

export function network(hosts: Hosts): ResourceKind<ProviderConfig, NetworkInputs, NetworkState> {
  /** Defines, changes, starts: whatever lies between what is there and what is wanted. */
  const converge: (
    config: ProviderConfig,
    wanted: NetworkInputs,
    call: { urn: string; signal: AbortSignal },
    claim: boolean,
  ) => Promise<NetworkState> = async (config, wanted, call, claim) => {
    const host = hosts.of(config);
    const owner = ownerOf(config, call.urn);
    const found = await inspectNetwork(host, wanted.name, call.signal);
    if (found && claim && !sameOwner(found.owner, owner)) {
      throw new Error(refusal(`network ${wanted.name} on ${host.name}`, found.owner, "Network", wanted.name));
    }
    const uuid = found?.uuid ?? networkUuid(wanted.name);
    const changed = found && editNetwork(found.xml, wanted, owner);
    const document = found ? (changed ?? (found.persistent ? "" : found.xml)) : renderNetwork(wanted, uuid, owner);
    // A new mark alone is no reason to take a network down.
    const restart = found?.active === true && changed !== undefined && differs(found, wanted);
    await host.run({
      script: "put-network",
      args: [wanted.name, yes(wanted.autostart), yes(wanted.active), yes(restart)],
      document,
      signal: call.signal,
    });
    return { ...wanted, uuid };
  };

  return {
    token: "libvirt:index:Network",
    description:
      "A libvirt network. A change that would cut running guests off is refused and names them; nothing is changed " +
      "then. Import id: its name.",
    inputs: networkInputs,
    outputs: networkOutputs,
    check: networkRules,

    preview(news, olds) {
      return { uuid: olds?.uuid ?? (news.name === undefined ? undefined : networkUuid(news.name)) };
    },

    async create(config, wanted, call) {
      return { id: wanted.name, state: await converge(config, wanted, call, true) };
    },

    async read(config, id, call, known) {
      const host = hosts.of(config);
      const found = await inspectNetwork(host, objectName.parse(id), call.signal);
      if (!found?.persistent) return undefined;
      const now: NetworkInputs = {
        ...readNetwork(found.root, known?.inputs),
        autostart: found.autostart,
        active: found.active,
      };
      return { id, inputs: now, state: { ...now, uuid: found.uuid } };
    },

    update: (config, _id, _olds, news, call) => converge(config, news, call, false),

    async delete(config, id, _state, call) {
      await hosts.of(config).run({ script: "delete-network", args: [id], signal: call.signal });
    },
  };
}

function differs(
  found: { readonly xml: string; readonly owner: { stack: string; resource: string } | undefined },
  wanted: NetworkInputs,
): boolean {
  return found.owner === undefined || editNetwork(found.xml, wanted, found.owner) !== undefined;
}

function yes(value: boolean): "yes" | "no" {
  return value ? "yes" : "no";
}

/** What libvirt would refuse later, or take for something else. */
export function networkRules({ forward, bridge, ips, mtu }: Partial<NetworkInputs>): readonly CheckFailure[] {
  const failures: CheckFailure[] = [];
  if (forward?.mode === "bridge") {
    if (!bridge)
      failures.push({
        property: "bridge",
        reason: "forward mode bridge needs the name of an existing bridge of the host",
      });
    if (ips && ips.length > 0)
      failures.push({
        property: "ips",
        reason: "a bridge of the host has its addresses already: libvirt gives none in forward mode bridge",
      });
    if (mtu !== undefined)
      failures.push({ property: "mtu", reason: "the MTU of an existing bridge is the host's to set" });
  }
  if (forward?.mode === "nat" && ips?.length === 0)
    failures.push({ property: "ips", reason: "forward mode nat needs an address of the host in the network" });
  return failures;
}
