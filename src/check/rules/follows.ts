import { keyPath, type Problem } from "../../config/problem.ts";
import { leftOut } from "../draft.ts";
import { listed } from "../suggest.ts";
import { entries, someOf, unknownName } from "./entries.ts";
import { groupOf, mirrorsBeside } from "./resolved.ts";
import type { ConfigDraft } from "./rule.ts";

/** A group has a preferred mirror, or a client that it follows; and where that is, one mirror runs. */
export function* follows(draft: ConfigDraft): Generator<Problem> {
  for (const [name, group] of entries(draft.groups)) {
    if (leftOut(group, "preferredMirror") && leftOut(group, "follows"))
      yield {
        key: keyPath("groups", name, "preferredMirror"),
        text:
          "is missing: mirror on which the group starts the first time; write one, or `follows: <client>`, which is " +
          "the mirror on that client's host",
      };
    if (group.follows === undefined) continue;
    if (draft.followers?.includes(name)) yield* following(draft, name, group.follows);
    else if (group.preferredMirror !== undefined)
      yield {
        key: keyPath("groups", name, "follows"),
        value: group.follows,
        text: "stands beside a preferredMirror; a group has one of the two: leave one out",
      };
  }
}

function* following(draft: ConfigDraft, group: string, client: string): Generator<Problem> {
  const key = keyPath("groups", group, "follows");
  const refused = (text: string): Problem => ({ key, value: client, text });
  const { clients, mirrors } = draft;
  const block = Object.hasOwn(clients, client) ? clients[client] : undefined;
  if (!block) {
    const known = unknownName("client", client, clients, key);
    return yield* known.length > 0 ? known : [refused("is no client: there is none; write preferredMirror instead")];
  }
  // What could not be read has its message.
  const members = entries(clients).filter(([, { disks = [] }]) =>
    disks.some(({ volume }) => groupOf(draft, volume) === group),
  );
  const { active } = block;
  if (active === undefined) return;
  if (block.disks !== undefined && !members.some(([name]) => name === client))
    return yield refused("has no disk on a volume of this group; name a client that has one, or write preferredMirror");
  const elsewhere = members.find(([, other]) => other.active !== undefined && other.active !== active);
  if (elsewhere)
    return yield refused(
      `is active on ${active}, and client ${elsewhere[0]} of this group on ${elsewhere[1].active}; a group has one ` +
        "primary: give each a group of its own, or write preferredMirror",
    );
  const beside = mirrorsBeside(draft, client);
  if (beside.length === 1) return;
  const hosts = [...new Set(Object.values(mirrors).flatMap(({ host }) => host ?? []))];
  if (beside.length > 1)
    yield refused(`is active on ${active}, which runs ${listed(beside)}: write which one is the preferredMirror`);
  else if (hosts.length > 0)
    yield refused(`is active on ${active}, which runs no mirror (${someOf(hosts)} do); write preferredMirror instead`);
}
