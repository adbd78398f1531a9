import { type NetworkRole, networkRoles } from "../../config/machines/networks.ts";
import { overlap } from "../../config/cidr.ts";
import type { ConfigDraft } from "./rule.ts";
import { leftOut } from "../draft.ts";
import { unknownKey } from "../explain.ts";
import { keyPath, type Problem } from "../../config/problem.ts";
import { listed } from "../suggest.ts";
import { eachRepeated, someOf } from "./entries.ts";

const forms = ["bridge", "isolated", "nat"] as const;

/** Three networks of fixed names. */
export function* networkNames({ networks }: ConfigDraft): Generator<Problem> {
  const names = Object.keys(networks);
  for (const name of names.filter((one) => !(networkRoles as readonly string[]).includes(one)))
    yield { key: keyPath("networks", name), text: unknownKey(name, networkRoles) };
  for (const role of networkRoles)
    if (!names.includes(role))
      yield {
        key: keyPath("networks", role),
        text: "is missing: replication, storage and management are three networks",
      };
}

/** Each network is a bridge, or isolated, or behind NAT. */
export function* networkForms({ networks }: ConfigDraft): Generator<Problem> {
  for (const role of networkRoles) {
    const network = networks[role];
    if (!network) continue;
    const given = forms.filter((form) => network[form] !== undefined);
    if (given.length > 1)
      yield {
        key: keyPath("networks", role),
        text: `has ${listed(given)}; a network is one of them: leave the others out`,
      };
    if (forms.every((form) => leftOut(network, form)))
      yield {
        key: keyPath("networks", role),
        text: "has no form; write `bridge: <name>`, `isolated: true`, or, for management, `nat: true`",
      };
  }
}

/** Replication and storage lead nowhere; only management has a way out. */
export function* networkRouting({ networks }: ConfigDraft): Generator<Problem> {
  for (const role of networkRoles) {
    const { gateway, nat, isolated, dns = [] } = networks[role] ?? {};
    if (role !== "management") {
      if (nat)
        yield {
          key: keyPath("networks", role, "nat"),
          text: `is for management only; the ${role} network is not routed: use bridge or isolated`,
        };
      if (gateway !== undefined)
        yield {
          key: keyPath("networks", role, "gateway"),
          value: gateway,
          text: `leads nowhere: the ${role} network is not routed; remove it`,
        };
      if (dns.length > 0)
        yield {
          key: keyPath("networks", role, "dns"),
          text: "is for the management network, where guests look up names; move it there",
        };
    } else if (gateway !== undefined && (nat || isolated)) {
      const why = nat ? "the KVM host itself is the gateway behind NAT" : "an isolated network has no way out";
      yield {
        key: keyPath("networks", role, "gateway"),
        value: gateway,
        text: `has no meaning here: ${why}; remove it`,
      };
    }
  }
}

export function* networkOverlaps({ networks }: ConfigDraft): Generator<Problem> {
  for (const [index, role] of networkRoles.entries()) {
    for (const other of networkRoles.slice(0, index)) {
      const [one, two] = [networks[other]?.cidr, networks[role]?.cidr];
      if (one && two && overlap(one, two)) {
        yield {
          key: keyPath("networks", role, "cidr"),
          value: two.text,
          text: `overlaps the ${other} network ${one.text}; the three networks must be apart`,
        };
      }
    }
  }
}

/** Networks of one bridge are one network: whoever is in one is in the others. */
export function bridgesApart({ networks }: ConfigDraft): Iterable<Problem> {
  return eachRepeated(
    networkRoles.flatMap((role) => ({ role, bridge: networks[role]?.bridge })),
    ({ bridge }) => bridge,
    ({ role, bridge }, first) => ({
      key: keyPath("networks", role, "bridge"),
      value: bridge,
      text:
        `is the bridge of the ${first.role} network already; whoever is in one network would be in both: ` +
        "give each a bridge, or a VLAN with a bridge, of its own",
    }),
  );
}

/** A network without a bridge ends at its KVM host. */
export function* networkReach({ networks, hosts: known, mirrors, clients }: ConfigDraft): Generator<Problem> {
  // A host that there is not has its own message.
  const isKnown = (host: string): boolean => Object.hasOwn(known, host);
  const inMirrors = Object.values(mirrors)
    .flatMap(({ host }) => host ?? [])
    .filter(isKnown);
  const inClients = Object.values(clients)
    .flatMap(({ active, hosts = [] }) => [...(active === undefined ? [] : [active]), ...hosts])
    .filter(isKnown);
  const used: Readonly<Record<NetworkRole, readonly string[]>> = {
    replication: inMirrors,
    storage: [...inMirrors, ...inClients],
    management: [...inMirrors, ...inClients],
  };
  for (const role of networkRoles) {
    const network = networks[role];
    const hosts = [...new Set(used[role])].sort();
    if (hosts.length < 2 || !network || network.bridge !== undefined) continue;
    // NAT outside of management is refused already.
    const form = network.isolated ? "isolated" : network.nat && role === "management" ? "nat" : undefined;
    if (form)
      yield {
        key: keyPath("networks", role, form),
        text: `keeps the network inside one KVM host, but it must join ${someOf(hosts)}; use a bridge that does`,
      };
  }
}
