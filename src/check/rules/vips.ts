import { formatAddress } from "../../config/address.ts";
import { contains } from "../../config/cidr.ts";
import { networkRoles } from "../../config/machines/networks.ts";
import { keyPath, type Problem } from "../../config/problem.ts";
import { usableRange } from "../../plan/placement/vips.ts";
import { claims } from "./addresses.ts";
import type { ConfigDraft } from "./rule.ts";

/** The range of VIPs is a part of the storage network. */
export function* vipRange({ networks }: ConfigDraft): Generator<Problem> {
  for (const role of networkRoles) {
    const { vips, cidr } = networks[role] ?? {};
    if (vips === undefined) continue;
    const key = keyPath("networks", role, "vips");
    if (role !== "storage")
      yield {
        key,
        value: vips.text,
        text: "is for the storage network, where clients find the exports; move it there",
      };
    else if (cidr && !(contains(cidr, vips.first) && contains(cidr, vips.last)))
      yield { key, value: vips.text, text: `is no part of the storage network ${cidr.text}; write a part of it` };
  }
}

/**
 * A VIP of the range that somebody else has. It is refused, and not given by another rule: whatever made room for one
 * group would move the VIP of another, which clients have open.
 */
export function* vipsOfRangeOnce(draft: ConfigDraft): Generator<Problem> {
  const { groups, networks, vipsOfRange = [] } = draft;
  const { vips, cidr } = networks.storage ?? {};
  if (!vips || !cidr) return;
  const owners = new Map(claims(draft).map(({ address, owner }) => [address, owner] as const));
  const taken = new Set([...owners.keys(), ...vipsOfRange.map((name) => groups[name]?.vip)]);
  for (const name of vipsOfRange) {
    const vip = groups[name]?.vip;
    if (vip === undefined) continue;
    const owner = owners.get(vip);
    owners.set(vip, owner ?? `the VIP of group ${name} by its name, too`);
    if (owner === undefined) continue;
    const free = freeAddress(usableRange(vips, cidr), taken);
    if (free !== undefined) taken.add(free);
    yield {
      key: keyPath("groups", name, "vip"),
      text:
        `would be ${vip} by the group's name (networks.storage.vips), which is ${owner}; ` +
        `whichever of the two is new gets another address${free === undefined ? "" : `, for example ${free}`}`,
    };
  }
}

function freeAddress(
  { first, last }: ReturnType<typeof usableRange>,
  taken: ReadonlySet<string | undefined>,
): string | undefined {
  for (let address = first; address <= last; address++)
    if (!taken.has(formatAddress(address))) return formatAddress(address);
  return undefined;
}
