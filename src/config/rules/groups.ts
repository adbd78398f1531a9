import type { ConfigDraft } from "../config.ts";
import { keyPath, type Problem } from "../problem.ts";
import { entries, unknownName } from "./entries.ts";
import { groupOf } from "./resolved.ts";

export function* someGroups({ groups }: ConfigDraft): Generator<Problem> {
  if (Object.keys(groups).length === 0)
    yield {
      key: keyPath("groups"),
      text: "names no group; volumes are exported by groups, which have the VIP: add one",
    };
}

export function* preferredMirrors({ groups, mirrors }: ConfigDraft): Generator<Problem> {
  for (const [name, { preferredMirror }] of entries(groups)) {
    yield* unknownName("mirror", preferredMirror, mirrors, keyPath("groups", name, "preferredMirror"));
  }
}

export function* groupPorts({ groups }: ConfigDraft): Generator<Problem> {
  for (const [name, { nbdPort, iscsiPort }] of entries(groups)) {
    if (nbdPort !== undefined && nbdPort === iscsiPort)
      yield {
        key: keyPath("groups", name, "iscsiPort"),
        value: iscsiPort,
        text: "is the port of NBD already; one port has one server",
      };
  }
}

/** A VIP without anything behind it. */
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
