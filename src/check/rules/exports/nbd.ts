import { keyPath, type Problem } from "../../../config/problem.ts";
import { eachRepeated, entries } from "../entries.ts";
import { groupOf } from "../resolved.ts";
import type { ConfigDraft, Rule } from "../rule.ts";

/** Two exports of a group stand side by side in one server. */
function nbdNames(draft: ConfigDraft): Iterable<Problem> {
  const exported = entries(draft.volumes).flatMap(([volume, { exports }]) => {
    const group = groupOf(draft, volume);
    return exports?.nbd && group !== undefined ? [{ volume, group, name: exports.nbd.name ?? volume }] : [];
  });
  return eachRepeated(
    exported,
    ({ group, name }) => `${group}/${name}`,
    ({ volume, name }, first) => ({
      key: keyPath("volumes", volume, "exports", "nbd", "name"),
      value: name,
      text: `is the NBD export of volume ${first.volume} already; clients of a VIP tell volumes apart by it`,
    }),
  );
}

export const nbd: readonly Rule[] = [nbdNames];
