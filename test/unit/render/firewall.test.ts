import { describe, expect, it } from "vitest";
import type { MirrorPlan } from "../../../src/plan/machines/mirrors.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { renderFirewall } from "../../../src/render/machines/firewall.ts";
import { renderSshd } from "../../../src/render/machines/sshd.ts";
import { automaticPlanOf, planOf } from "./sample.ts";

const rulesOf = (plan: Plan, mirror = 0) => renderFirewall(plan, plan.mirrors[mirror] as MirrorPlan);
/** The rules that let somebody in, without the network interface's quotes. */
const letIn = (rules = "") =>
  rules.split("\n").flatMap((line) => /^ *iifname "(\w+)" (.* accept)$/.exec(line)?.slice(1).join(" ") ?? []);

describe("a mirror's firewall", () => {
  it("lets in what the stack needs, and nothing else", () => {
    expect(rulesOf(planOf())).toMatchInlineSnapshot(`
      "# Who gets in to this mirror. Written by \`pulumi up\`; rules of a site are in /etc/kvm-mirror/firewall.d.
      table inet kvm_mirror {
          set operators {
              type ipv4_addr
              flags interval
              auto-merge
              elements = { 10.30.0.0/24 }
          }
          set hosts {
              type ipv4_addr
              elements = { 10.20.0.2, 10.20.0.3 }
          }
          # Filled by firewall-load.sh: a VIP and a port; and a client, the VIP and the port to which it is admitted.
          set exports {
              type ipv4_addr . inet_service
          }
          set admitted {
              type ipv4_addr . ipv4_addr . inet_service
          }
          chain untracked_prerouting {
              type filter hook prerouting priority raw; policy accept;
              meta l4proto tcp notrack
              udp dport 5405-5406 notrack
          }
          chain untracked_output {
              type filter hook output priority raw; policy accept;
              meta l4proto tcp notrack
              udp dport 5405-5406 notrack
          }
          chain input {
              type filter hook input priority filter; policy drop;
              iifname "lo" accept
              # Not the first packet of a connection: it is answered, or reset, by whoever has the connection.
              meta l4proto tcp tcp flags & (syn | ack) != syn accept
              # Answers to what this mirror asks: names, time.
              meta l4proto != tcp ct state established,related accept
              icmp type { echo-request, echo-reply, destination-unreachable, time-exceeded, parameter-problem } accept
              icmpv6 type { echo-request, echo-reply, destination-unreachable, packet-too-big, time-exceeded, parameter-problem, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } accept
              iifname "management0" ip saddr @operators tcp dport 22 accept
              iifname "management0" ip saddr 10.30.0.12 tcp dport 22 accept
              iifname "storage0" ip saddr 10.20.0.12 tcp dport 22 accept
              iifname "replication0" ip saddr 10.10.0.12 tcp dport 7788-8043 accept
              iifname "storage0" ip saddr @hosts ip daddr . tcp dport @exports accept
              iifname "storage0" ip saddr . ip daddr . tcp dport @admitted accept
              include "/etc/kvm-mirror/firewall.d/*.nft"
              # journalctl -k -g 'kvm-mirror dropped'
              meta l4proto tcp limit rate 10/minute burst 20 packets log prefix "kvm-mirror dropped: " level debug
              counter
          }
          chain forward {
              type filter hook forward priority filter; policy drop;
          }
      }
      "
    `);
  });

  it("with automatic failover knows corosync's links, each by its port, in the network where it is", () => {
    const [manual, automatic] = [letIn(rulesOf(planOf())), letIn(rulesOf(automaticPlanOf({})))];
    expect(automatic.filter((rule) => !manual.includes(rule))).toEqual([
      "replication0 ip saddr 10.10.0.12 udp dport 5405 accept",
      "management0 ip saddr 10.30.0.12 udp dport 5406 accept",
    ]);
    expect(manual.filter((rule) => !automatic.includes(rule))).toEqual([]);
  });

  it("lets operators see node_exporter, where there is one", () => {
    const more = letIn(rulesOf(planOf({ monitoring: { nodeExporter: true } })));
    expect(more.filter((rule) => !letIn(rulesOf(planOf())).includes(rule))).toEqual([
      "management0 ip saddr @operators tcp dport 9100 accept",
    ]);
  });

  it("names the peer's addresses, so each mirror has its own", () => {
    expect(letIn(rulesOf(planOf(), 1)).filter((rule) => rule.includes("saddr 10."))).toEqual([
      "management0 ip saddr 10.30.0.11 tcp dport 22 accept",
      "storage0 ip saddr 10.20.0.11 tcp dport 22 accept",
      "replication0 ip saddr 10.10.0.11 tcp dport 7788-8043 accept",
    ]);
  });

  it("has the ports of all volumes that there may be: a volume that comes or goes changes nothing", () => {
    const volumes = { r9: { size: "1GiB", minor: 255, exports: { nbd: {} } } };
    const plan = planOf({ clients: {}, volumes });
    expect(plan.volumes.map(({ port }) => port)).toEqual([8043]);
    expect(rulesOf(plan)).toBe(rulesOf(planOf()));
  });

  it.each([
    ["the management network, unless something is said", {}, "10.30.0.0/24"],
    [
      "what is said, and nothing beside it",
      { "ssh.from": ["10.40.0.0/16", "192.0.2.7"] },
      "10.40.0.0/16, 192.0.2.7/32",
    ],
    ["everywhere, where that is said", { "ssh.from": ["0.0.0.0/0"] }, "0.0.0.0/0"],
  ])("lets in ssh from %s", (_, changes, from) => {
    expect(/set operators \{[^}]*elements = \{ (.*) \}/.exec(rulesOf(planOf(changes)) ?? "")?.[1]).toBe(from);
  });

  it("is none where it is switched off", () => {
    expect(rulesOf(planOf({ firewall: false }))).toBeUndefined();
  });
});

it("sshd takes keys, from one user, and forwards nothing", () => {
  expect(renderSshd("storage")).toMatchInlineSnapshot(`
    "# Written by \`pulumi up\`.
    AllowUsers storage
    PermitRootLogin no
    AuthenticationMethods publickey
    PasswordAuthentication no
    KbdInteractiveAuthentication no
    DisableForwarding yes
    PermitTunnel no
    "
  `);
  expect(() => renderSshd("storage\nPermitRootLogin yes")).toThrow("cannot be written into a configuration file");
});
