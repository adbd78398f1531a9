import type { ConfigDraft } from "./rule.ts";
import { leftOut } from "../draft.ts";
import { keyPath, type Problem } from "../../config/problem.ts";
import { entries, someOf, unknownName } from "./entries.ts";

export function* clientHosts({ clients, hosts: known }: ConfigDraft): Generator<Problem> {
  for (const [name, { active, hosts = [] }] of entries(clients)) {
    yield* unknownName("KVM host", active, known, keyPath("clients", name, "active"));
    if (active !== undefined && Object.hasOwn(known, active) && hosts.length > 0 && !hosts.includes(active)) {
      yield {
        key: keyPath("clients", name, "active"),
        value: active,
        text: `is not among its hosts (${someOf(hosts)}); add it there, or choose one of them`,
      };
    }
    for (const [index, host] of hosts.entries()) {
      const key = keyPath("clients", name, "hosts", index);
      yield* unknownName("KVM host", host, known, key);
      if (hosts.indexOf(host) !== index) yield { key, value: host, text: "is in the list twice; remove one" };
    }
  }
}

/** A client is made by this stack, or it exists already. */
export function* clientMachines({ clients }: ConfigDraft): Generator<Problem> {
  for (const [name, client] of entries(clients)) {
    if (client.existing && client.machine)
      yield {
        key: keyPath("clients", name, "machine"),
        text: "is for machines that this stack makes; leave it out for an existing client",
      };
    if (leftOut(client, "existing") && leftOut(client, "machine")) {
      yield {
        key: keyPath("clients", name),
        text:
          "has no machine; write `machine: { management: <address> }`, or " +
          "`existing: true` if the domain is the VM team's",
      };
    }
  }
}
