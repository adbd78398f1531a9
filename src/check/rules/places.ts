import { formatAddress } from "../../config/address.ts";
import type { ConfigDraft } from "./rule.ts";
import { libvirtHost, parseLogin } from "../../config/libvirtUri.ts";
import { keyPath, type Problem } from "../../config/problem.ts";
import { networkRoles } from "../../config/machines/networks.ts";
import { entries } from "./entries.ts";

/** Somebody who has an address. */
interface Occupant {
  readonly address: string;
  /** What it is, and whose: `KVM host kvm-a`. */
  readonly what: string;
  /** Why its vote would be none. */
  readonly why?: string;
  /** KVM host, where it is one. */
  readonly host?: string;
}

/**
 * A third place that is a part of the stack has no vote when it is needed: it dies with a mirror, has one
 * already, or is nobody.
 */
export function* qdeviceElsewhere(draft: ConfigDraft): Generator<Problem> {
  const { address, login } = draft.failover.qdevice ?? {};
  const places = [
    { key: keyPath("failover", "qdevice", "address"), value: address, place: address },
    {
      key: keyPath("failover", "qdevice", "login"),
      value: login,
      place: login === undefined ? undefined : parseLogin(login).host.toLowerCase(),
    },
  ];
  for (const { key, value, place } of places) {
    const found = place === undefined ? undefined : occupants(draft).find((one) => one.address === place);
    const why = found?.why === undefined ? "" : `, which ${found.why}`;
    if (found) yield { key, value, text: `is ${found.what}${why}; use a machine in a third place` };
  }
}

/** An address for fencing leads to the KVM host of the mirror that is turned off, and nowhere else. */
export function* fenceAddresses(draft: ConfigDraft): Generator<Problem> {
  for (const [name, { fenceAddress }] of entries(draft.hosts)) {
    if (fenceAddress === undefined) continue;
    const found = occupants(draft).find((one) => one.address === fenceAddress && one.host !== name);
    if (found)
      yield {
        key: keyPath("hosts", name, "fenceAddress"),
        value: fenceAddress,
        text: `is ${found.what}; write the address at which the mirrors reach the ssh of KVM host ${name}`,
      };
  }
}

function occupants(draft: ConfigDraft): readonly Occupant[] {
  const some = (
    what: string,
    addresses: readonly (string | undefined)[],
    more: Pick<Occupant, "why" | "host"> = {},
  ): readonly Occupant[] => addresses.flatMap((address) => (address === undefined ? [] : [{ address, what, ...more }]));
  return [
    ...entries(draft.hosts).flatMap(([name, { uri, storageAddress, fenceAddress }]) => {
      const host = uri === undefined ? undefined : libvirtHost(uri).toLowerCase();
      const more = { host: name, why: "dies with its mirror" };
      return some(`KVM host ${name}`, [host, storageAddress, fenceAddress], more);
    }),
    ...entries(draft.mirrors).flatMap(([name, { replication, storage, management }]) =>
      some(`mirror ${name}`, [replication, storage, management], { why: "has a vote already" }),
    ),
    ...entries(draft.groups).flatMap(([name, { vip }]) => some(`the VIP of group ${name}`, [vip])),
    ...entries(draft.clients).flatMap(([name, { machine }]) => some(`client ${name}`, [machine?.management])),
    ...networkRoles.flatMap((role) => edges(draft, role)),
  ];
}

function edges({ networks }: ConfigDraft, role: (typeof networkRoles)[number]): readonly Occupant[] {
  const cidr = networks[role]?.cidr;
  if (!cidr) return [];
  return [
    { address: formatAddress(cidr.first), what: `the network address of ${cidr.text}` },
    { address: formatAddress(cidr.last), what: `the broadcast address of ${cidr.text}` },
  ];
}
