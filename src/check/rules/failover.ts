import { isAddress } from "../../config/address.ts";
import type { ConfigDraft } from "./rule.ts";
import { leftOut } from "../draft.ts";
import { libvirtHost } from "../../config/libvirtUri.ts";
import { keyPath, type Problem } from "../../config/problem.ts";
import { eachRepeated, entries } from "./entries.ts";

/** Without a cluster a third vote would protect nothing. */
export function* qdeviceNeedsCluster({ failover }: ConfigDraft): Generator<Problem> {
  if (failover.mode === "automatic" || failover.qdevice === undefined) return;
  yield {
    key: keyPath("failover", "qdevice"),
    text: "is for failover.mode automatic: with manual failover an operator decides; leave it out, or change the mode",
  };
}

/**
 * Automatic failover turns a mirror off through its KVM host: the two must not share one,
 * and each host must be reached without asking a name server first.
 */
export function* automaticFencing({ failover, hosts, mirrors }: ConfigDraft): Generator<Problem> {
  if (failover.mode !== "automatic") return;
  const used = entries(mirrors).flatMap(([, { host }]) => host ?? []);
  yield* eachRepeated(
    used,
    (host) => host,
    (host) => ({
      key: keyPath("failover", "mode"),
      value: "automatic",
      text: `needs mirrors on two KVM hosts: when ${host} dies, nobody is left to take over`,
    }),
  );
  for (const [name, { uri, fenceAddress }] of entries(hosts)) {
    if (uri === undefined || fenceAddress !== undefined || !used.includes(name) || isAddress(libvirtHost(uri)))
      continue;
    yield {
      key: keyPath("hosts", name, "fenceAddress"),
      text:
        `is missing: fencing does not depend on a name server, and the URI ${uri} has no ` +
        "address; write the address at which the mirrors reach this host's ssh",
    };
  }
}

/** What the cluster knows of a group is where its exports run. */
export function* automaticExports({ failover, groups }: ConfigDraft): Generator<Problem> {
  if (failover.mode !== "automatic") return;
  for (const [name, group] of entries(groups)) {
    if (leftOut(group, "vip"))
      yield {
        key: keyPath("groups", name, "vip"),
        text:
          "is missing: a group without a VIP needs failover.mode manual for now; export a volume of it, or change " +
          "the mode",
      };
  }
}

/** A delay that uses up the time for fencing would leave a preferred mirror that hangs unfenced for ever. */
export function* fenceDelayFits({ failover: { mode, fenceDelay, fenceTimeout } }: ConfigDraft): Generator<Problem> {
  if (mode !== "automatic" || fenceDelay === undefined || fenceTimeout === undefined || fenceDelay <= fenceTimeout / 2)
    return;
  yield {
    key: keyPath("failover", "fenceDelay"),
    value: fenceDelay,
    text:
      `is more than half of failover.fenceTimeout (${fenceTimeout} s): fencing would be given up before it ` +
      `is done; use ${Math.floor(fenceTimeout / 2)} at most, or lengthen fenceTimeout`,
  };
}
