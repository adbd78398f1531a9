import { contains } from "../config/cidr.ts";
import { vipInRange } from "../plan/placement/vips.ts";
import { leftOut } from "./draft.ts";
import { groupOf } from "./rules/resolved.ts";
import type { ConfigDraft } from "./rules/rule.ts";

/**
 * The groups with the VIPs that they get from networks.storage.vips, and which groups those are: groups with exports
 * that name none. Where the range itself is a mistake, they lack none either: it has its message.
 */
export function withVips(draft: ConfigDraft): Required<Pick<ConfigDraft, "groups" | "vipsOfRange">> {
  const { vips, cidr, wrong = [] } = draft.networks.storage ?? {};
  if (vips === undefined && !wrong.includes("vips")) return { groups: draft.groups, vipsOfRange: [] };
  const usable = vips && cidr && contains(cidr, vips.first) && contains(cidr, vips.last);
  const exporting = new Set(
    Object.entries(draft.volumes).flatMap(([volume, { exports }]) =>
      exports === undefined ? [] : [groupOf(draft, volume)],
    ),
  );
  const needy = Object.entries(draft.groups).filter(([name, group]) => exporting.has(name) && leftOut(group, "vip"));
  const given = needy.map(([name, group]) => [
    name,
    usable ? { ...group, vip: vipInRange(vips, cidr, name) } : { ...group, wrong: [...(group.wrong ?? []), "vip"] },
  ]);
  return {
    groups: { ...draft.groups, ...(Object.fromEntries(given) as ConfigDraft["groups"]) },
    vipsOfRange: usable ? needy.map(([name]) => name) : [],
  };
}
