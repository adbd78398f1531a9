import { leftOut } from "./draft.ts";
import { mirrorsBeside } from "./rules/resolved.ts";
import type { ConfigDraft } from "./rules/rule.ts";

/**
 * The groups, each that follows a client with the mirror on that client's active host as its preferred one, and which
 * those are. Where there is no such mirror, or no telling, rules/follows.ts says what is wrong.
 */
export function withFollowers(draft: ConfigDraft): Required<Pick<ConfigDraft, "groups" | "followers">> {
  const following = Object.entries(draft.groups).filter(
    ([, group]) => group.follows !== undefined && leftOut(group, "preferredMirror"),
  );
  const placed = following.map(([name, group]) => {
    const [beside, ...more] = mirrorsBeside(draft, group.follows ?? "");
    return [name, beside === undefined || more.length > 0 ? group : { ...group, preferredMirror: beside }];
  });
  return {
    groups: { ...draft.groups, ...(Object.fromEntries(placed) as ConfigDraft["groups"]) },
    followers: following.map(([name]) => name),
  };
}
