import { isAddress } from "../address.ts";
import type { ConfigDraft } from "../config.ts";
import { libvirtHost } from "../libvirtUri.ts";
import { keyPath, type Problem } from "../problem.ts";
import { entries } from "./entries.ts";

/** Automatic failover turns a mirror off through its KVM host: the two must not share one, and each host must be reached without asking a name server first. */
export function* automaticFencing({ failover, hosts, mirrors }: ConfigDraft): Generator<Problem> {
  if (failover.mode !== "automatic") return;
  const used = entries(mirrors).flatMap(([, { host }]) => host ?? []);
  if (used.length === 2 && used[0] === used[1]) {
    yield { key: keyPath("failover", "mode"), value: "automatic", text: `needs mirrors on two KVM hosts: when ${used[0]} dies, nobody is left to take over` };
  }
  for (const [name, { uri, fenceAddress }] of entries(hosts)) {
    if (uri === undefined || fenceAddress !== undefined || !used.includes(name) || isAddress(libvirtHost(uri))) continue;
    yield { key: keyPath("hosts", name, "fenceAddress"), text: `is missing: fencing does not depend on a name server, and the URI ${uri} has no address; write the address at which the mirrors reach this host's ssh` };
  }
}
