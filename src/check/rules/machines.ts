import type { ConfigDraft } from "./rule.ts";
import { hostIdentity } from "../../config/libvirtUri.ts";
import { keyPath, type Problem } from "../../config/problem.ts";
import { mirrorCount } from "../../plan/placement/pair.ts";
import { eachRepeated, entries, someOf, unknownName } from "./entries.ts";

export function* someHosts({ hosts }: ConfigDraft): Generator<Problem> {
  if (Object.keys(hosts).length === 0) yield { key: keyPath("hosts"), text: "names no KVM host; the mirrors need two" };
}

/** Two names for one host would hide that both mirrors are on it. */
export function hostsApart({ hosts }: ConfigDraft): Iterable<Problem> {
  return eachRepeated(
    entries(hosts),
    ([, { uri }]) => uri && hostIdentity(uri),
    ([name, { uri }], [first, other]) => ({
      key: keyPath("hosts", name, "uri"),
      value: uri,
      text:
        `is KVM host ${first} already${other.uri === uri ? "" : `, by another spelling (${other.uri})`}; ` +
        "one host has one name",
    }),
  );
}

export function* twoMirrors({ mirrors }: ConfigDraft): Generator<Problem> {
  const names = Object.keys(mirrors);
  if (names.length === mirrorCount) return;
  yield {
    key: keyPath("mirrors"),
    text:
      `names ${names.length === 0 ? "no mirror" : someOf(names)}; a stack ` +
      "has exactly two mirrors, each the other's copy",
  };
}

export function* mirrorHosts({ mirrors, hosts, allowSameHost }: ConfigDraft): Generator<Problem> {
  for (const [name, { host }] of entries(mirrors)) {
    yield* unknownName("KVM host", host, hosts, keyPath("mirrors", name, "host"));
  }
  if (allowSameHost) return;
  yield* eachRepeated(
    entries(mirrors),
    ([, { host }]) => host,
    ([name, { host }], [first]) => ({
      key: keyPath("mirrors", name, "host"),
      value: host,
      text:
        `runs mirror ${first} already: both copies would go down with it; use another ` +
        "host, or set kvm-mirror:allowSameHost to true if that is meant",
    }),
  );
}

/** Mirrors and clients are domains side by side, and their host keys are derived from their names. */
export function* machineNames({ mirrors, clients }: ConfigDraft): Generator<Problem> {
  for (const name of Object.keys(clients))
    if (Object.hasOwn(mirrors, name))
      yield { key: keyPath("clients", name), text: "has the name of a mirror; a machine needs a name of its own" };
}

export function* someKey({ ssh }: ConfigDraft): Generator<Problem> {
  // Missing keys were wrong keys, which have their own message.
  if (ssh.authorizedKeys?.length === 0 && ssh.authorizedKeysFile === undefined) {
    yield {
      key: keyPath("ssh", "authorizedKeys"),
      text: "has no key; nobody, and no step of `pulumi up`, could log in to the mirrors: add your public SSH key",
    };
  }
}
