import { peerOf } from "../../plan/placement/pair.ts";
import { firstPort, lastPort } from "../../plan/replication/volumes.ts";
import type { MirrorPlan } from "../../plan/machines/mirrors.ts";
import type { Plan } from "../../plan/plan.ts";
import { block, type Lines, text } from "../indent.ts";
import { word } from "../quoting.ts";

/** sshd's port in a mirror, which is nobody's to choose. */
const sshPort = 22;
/** corosync.conf(5) leaves it to the source: knet takes 5405 and the number of the link (totemconfig.c, 3.0). */
const firstKnetPort = 5405;

/**
 * `/etc/kvm-mirror/firewall.nft` (nft(8)): who gets in to a mirror. scripts/guest/machines/firewall-load.sh loads it as
 * one transaction, and fills `exports` and `admitted` with what the groups export, and to whom. Undefined: none.
 *
 * - TCP is judged by the packet that opens a connection. Whatever belongs to one passes, known or not: a connection
 *   from before the rules, or to a VIP that has moved since, reaches the kernel, which answers or resets it.
 * - TCP and corosync are not tracked: a full table of connections can then cut neither replication nor clients.
 * - The KVM hosts may knock at every export's port, because a host is asked before a client moves to it. Which export
 *   it may open is the servers' decision.
 */
export function renderFirewall(plan: Plan, mirror: MirrorPlan): string | undefined {
  const { sshFrom } = plan;
  if (sshFrom === undefined) return undefined;
  const addresses = (list: readonly string[]): string => list.map((one) => word(one, "address")).join(", ");
  const hosts = plan.hosts.map(({ storageAddress }) => storageAddress);
  return text([
    "# Who gets in to this mirror. Written by `pulumi up`; rules of a site are in /etc/kvm-mirror/firewall.d.",
    ...block("table inet kvm_mirror", [
      ...block("set operators", [
        "type ipv4_addr",
        "flags interval",
        "auto-merge",
        `elements = { ${addresses(sshFrom)} }`,
      ]),
      ...block("set hosts", ["type ipv4_addr", `elements = { ${addresses(hosts)} }`]),
      "# Filled by firewall-load.sh: a VIP and a port; and a client, the VIP and the port to which it is admitted.",
      ...block("set exports", ["type ipv4_addr . inet_service"]),
      ...block("set admitted", ["type ipv4_addr . ipv4_addr . inet_service"]),
      ...untracked("prerouting"),
      ...untracked("output"),
      ...block("chain input", [
        "type filter hook input priority filter; policy drop;",
        'iifname "lo" accept',
        "# Not the first packet of a connection: it is answered, or reset, by whoever has the connection.",
        "meta l4proto tcp tcp flags & (syn | ack) != syn accept",
        "# Answers to what this mirror asks: names, time.",
        "meta l4proto != tcp ct state established,related accept",
        "icmp type { echo-request, echo-reply, destination-unreachable, time-exceeded, parameter-problem } accept",
        "icmpv6 type { echo-request, echo-reply, destination-unreachable, packet-too-big, time-exceeded, " +
          "parameter-problem, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } accept",
        `iifname "management0" ip saddr @operators tcp dport ${sshPort} accept`,
        ...(plan.monitoring.exporterPort === undefined
          ? []
          : [`iifname "management0" ip saddr @operators tcp dport ${plan.monitoring.exporterPort} accept`]),
        ...fromPeer(plan, mirror),
        'iifname "storage0" ip saddr @hosts ip daddr . tcp dport @exports accept',
        'iifname "storage0" ip saddr . ip daddr . tcp dport @admitted accept',
        'include "/etc/kvm-mirror/firewall.d/*.nft"',
        "# journalctl -k -g 'kvm-mirror dropped'",
        'meta l4proto tcp limit rate 10/minute burst 20 packets log prefix "kvm-mirror dropped: " level debug',
        "counter",
      ]),
      ...block("chain forward", ["type filter hook forward priority filter; policy drop;"]),
    ]),
  ]);
}

function untracked(hook: "prerouting" | "output"): Lines {
  const ports = `${firstKnetPort}-${firstKnetPort + 1}`;
  return block(`chain untracked_${hook}`, [
    `type filter hook ${hook} priority raw; policy accept;`,
    "meta l4proto tcp notrack",
    `udp dport ${ports} notrack`,
  ]);
}

/**
 * ssh in the networks in which it is asked to outdate a volume, DRBD, and corosync's links. DRBD's ports are those that
 * any volume may have: one that leaves the stack file is replicated until it is down, later in the same `up`.
 */
function fromPeer(plan: Plan, mirror: MirrorPlan): Lines {
  const { managementAddress, storageAddress, replicationAddress } = peerOf(plan.mirrors, mirror.name);
  const rule = (network: string, address: string, what: string): string =>
    `iifname "${network}0" ip saddr ${word(address, "address")} ${what} accept`;
  return [
    rule("management", managementAddress, `tcp dport ${sshPort}`),
    rule("storage", storageAddress, `tcp dport ${sshPort}`),
    rule("replication", replicationAddress, `tcp dport ${firstPort}-${lastPort}`),
    ...(plan.failover.mode === "automatic"
      ? [
          rule("replication", replicationAddress, `udp dport ${firstKnetPort}`),
          rule("management", managementAddress, `udp dport ${firstKnetPort + 1}`),
        ]
      : []),
  ];
}
