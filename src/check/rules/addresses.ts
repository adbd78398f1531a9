import { type NetworkRole, networkRoles } from "../../config/machines/networks.ts";
import { formatAddress, isAddress, parseAddress } from "../../config/address.ts";
import { contains } from "../../config/cidr.ts";
import type { ConfigDraft } from "./rule.ts";
import { libvirtHost } from "../../config/libvirtUri.ts";
import { keyPath, type Problem } from "../../config/problem.ts";
import { eachRepeated, entries } from "./entries.ts";

/** An address that somebody has in a network. */
interface Claim {
  readonly key: string;
  readonly role: NetworkRole;
  readonly address: string;
  readonly owner: string;
  /** The host part of a URI may lie outside our networks, reached by a router. */
  readonly elsewhere?: boolean;
}

/** Every address lies in its network and is no network or broadcast address. */
export function* addressesInNetworks(draft: ConfigDraft): Generator<Problem> {
  for (const { key, role, address, elsewhere } of claims(draft)) {
    const cidr = draft.networks[role]?.cidr;
    if (!cidr || elsewhere) continue;
    const number = parseAddress(address);
    const usable = `use ${formatAddress(cidr.first + 1)} to ${formatAddress(cidr.last - 1)}`;
    if (!contains(cidr, number))
      yield { key, value: address, text: `is outside the ${role} network ${cidr.text}; ${usable}` };
    else if (number === cidr.first)
      yield { key, value: address, text: `is the network address of ${cidr.text}, no host's; ${usable}` };
    else if (number === cidr.last)
      yield { key, value: address, text: `is the broadcast address of ${cidr.text}, no host's; ${usable}` };
  }
}

/** Every address belongs to one machine, VIP or gateway. */
export function addressesOnce(draft: ConfigDraft): Iterable<Problem> {
  return eachRepeated(
    claims(draft),
    (claim) => claim.address,
    (claim, first) => ({
      key: claim.key,
      value: claim.address,
      text: `is ${first.owner} already (${first.key}); give ${claim.what} an address of its own`,
    }),
  );
}

/** Every address that is written in the stack file, whose it is, and where it stands. */
export function claims(draft: ConfigDraft): readonly (Claim & { readonly what: string })[] {
  return [...infrastructure(draft), ...machines(draft)];
}

function claim(
  role: NetworkRole,
  address: string | undefined,
  what: string,
  ...path: string[]
): (Claim & { readonly what: string })[] {
  return address === undefined ? [] : [{ key: keyPath(...path), role, address, what, owner: `the address of ${what}` }];
}

function infrastructure({ networks, hosts }: ConfigDraft): (Claim & { readonly what: string })[] {
  const { gateway, nat, cidr } = networks.management ?? {};
  return [
    ...claim("management", gateway, "the gateway", "networks", "management", "gateway"),
    ...(nat && cidr && gateway === undefined
      ? claim(
          "management",
          formatAddress(cidr.first + 1),
          "the KVM host in the network behind NAT",
          "networks",
          "management",
          "nat",
        )
      : []),
    ...entries(hosts).flatMap(([name, { uri, storageAddress }]) => {
      const host = uri === undefined ? undefined : libvirtHost(uri);
      const management =
        host !== undefined && isAddress(host)
          ? claim("management", host, `KVM host ${name}`, "hosts", name, "uri")
          : [];
      return [
        ...management.map((one) => ({ ...one, elsewhere: true })),
        ...claim("storage", storageAddress, `KVM host ${name}`, "hosts", name, "storageAddress"),
      ];
    }),
  ];
}

/** What has an address in a network; VIPs of the range lie in it, and have their own rule. */
function machines({ mirrors, groups, clients, vipsOfRange = [] }: ConfigDraft): (Claim & { readonly what: string })[] {
  return [
    ...entries(mirrors).flatMap(([name, mirror]) =>
      networkRoles.flatMap((role) => claim(role, mirror[role], `mirror ${name}`, "mirrors", name, role)),
    ),
    ...entries(groups)
      .filter(([name]) => !vipsOfRange.includes(name))
      .flatMap(([name, { vip }]) => claim("storage", vip, `the VIP of group ${name}`, "groups", name, "vip")),
    ...entries(clients).flatMap(([name, { machine }]) =>
      claim("management", machine?.management, `client ${name}`, "clients", name, "machine", "management"),
    ),
  ];
}
