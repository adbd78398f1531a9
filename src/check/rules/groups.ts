import type { ConfigDraft } from "./rule.ts";
import { leftOut } from "../draft.ts";
import { portKey } from "../../config/exports/exports.ts";
import { protocols, titleOf } from "../../config/exports/protocols.ts";
import { keyPath, type Problem } from "../../config/problem.ts";
import { eachRepeated, entries, someOf, unknownName } from "./entries.ts";
import { groupOf } from "./resolved.ts";

export function* someGroups({ groups }: ConfigDraft): Generator<Problem> {
  if (Object.keys(groups).length === 0)
    yield {
      key: keyPath("groups"),
      text: "names no group; a group says which volumes move together, and where they are preferred: add one",
    };
}

export function* preferredMirrors({ groups, mirrors }: ConfigDraft): Generator<Problem> {
  for (const [name, { preferredMirror }] of entries(groups)) {
    yield* unknownName("mirror", preferredMirror, mirrors, keyPath("groups", name, "preferredMirror"));
  }
}

export function* groupPorts({ groups }: ConfigDraft): Generator<Problem> {
  for (const [name, group] of entries(groups)) {
    yield* eachRepeated(
      protocols.map((protocol) => ({ protocol, key: portKey(protocol), port: group[portKey(protocol)] })),
      ({ port }) => port,
      ({ key, port }, first) => ({
        key: keyPath("groups", name, key),
        value: port,
        text: `is the port of ${titleOf(first.protocol)} already; one port has one server`,
      }),
    );
  }
}

/**
 * Exports and the VIP belong together. A VIP without an export is refused, not left unused: since a volume need not be
 * exported, it is how a forgotten `exports` shows.
 */
export function* vipWithExports(draft: ConfigDraft): Generator<Problem> {
  for (const [name, group] of entries(draft.groups)) {
    const volumes = entries(draft.volumes).filter(([volume]) => groupOf(draft, volume) === name);
    const exported = volumes.find(([, { exports }]) => exports !== undefined)?.[0];
    const key = keyPath("groups", name, "vip");
    if (exported !== undefined && leftOut(group, "vip"))
      yield {
        key,
        text:
          `is missing: volume ${exported} of this group has exports, and this is the address in the storage network ` +
          "at which clients find them; write one, or leave the volume's exports out",
      };
    if (group.vip !== undefined && volumes.length > 0 && volumes.every(([, volume]) => leftOut(volume, "exports")))
      yield {
        key,
        value: group.vip,
        text:
          "would be an address without a server: no volume of the group has exports " +
          `(${someOf(volumes.map(([volume]) => volume))}); ` +
          "write the exports of one, or leave the VIP out",
      };
  }
}

/** A group without anything in it. */
export function* groupsUsed(draft: ConfigDraft): Generator<Problem> {
  const names = Object.keys(draft.groups);
  const used = Object.keys(draft.volumes).map((volume) => groupOf(draft, volume));
  // A volume without a readable group might belong to any.
  if (names.length < 2 || used.includes(undefined)) return;
  for (const name of names) {
    if (!used.includes(name))
      yield { key: keyPath("groups", name), text: "has no volume; name it as the `group` of one, or remove it" };
  }
}
