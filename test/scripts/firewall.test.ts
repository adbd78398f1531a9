/** Who gets in to a mirror: the rendered rules in a real kernel, and real packets from everybody who may be there. */
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { MirrorPlan } from "../../src/plan/machines/mirrors.ts";
import { renderFirewall } from "../../src/render/machines/firewall.ts";
import { automaticPlanOf } from "../unit/render/sample.ts";
import { exportTable, type Export } from "./groupDocument.ts";
import { type Answer, type Place, playedNetworks } from "./playedNetworks.ts";

const networks = playedNetworks();
const plan = automaticPlanOf({});
const rules = renderFirewall(plan, plan.mirrors[0] as MirrorPlan) ?? "";
const load = () => networks.machine.guest("firewall-load.sh");
/** The group's table of exports: r0 by NBD, r1 by iSCSI, to the named addresses. */
const admit = (nbd: readonly string[], iscsi: readonly string[]) => {
  const exports: readonly Export[] = [
    { volume: "r0", protocol: "nbd", name: "r0", device: "/dev/drbd0", admitted: nbd },
    { volume: "r1", protocol: "iscsi", name: "iqn.2026-11.net.example:r1", device: "/dev/drbd1", admitted: iscsi },
  ];
  const table = exportTable({ group: "main", vip: "10.20.0.10", exports }).split("\n").slice(1).join("\n");
  networks.machine.ok("cd /etc/kvm-mirror && printf 'VIP=10.20.0.10\\n' >main.env && cat >main.exports", table);
};

beforeEach(() => {
  networks.machine.ok("nft flush ruleset; mkdir -p /etc/kvm-mirror && cat >/etc/kvm-mirror/firewall.nft", rules);
  admit(["10.20.0.2"], ["10.20.0.5"]);
});

/** From where, to which door, and what is heard there with the firewall. Without it everybody is answered. */
const table: readonly (readonly [Place, string, Answer])[] = [
  ["r-peer", "tcp:10.10.0.11:7788", "answered"],
  ["r-peer", "tcp:10.10.0.11:7789", "answered"],
  ["r-peer", "udp:10.10.0.11:5405", "answered"],
  ["r-peer", "icmp:10.10.0.11:-", "answered"],
  ["r-peer", "udp:10.10.0.11:5406", "silent"],
  ["r-peer", "tcp:10.10.0.11:22", "silent"],
  ["r-peer", "tcp:10.10.0.11:9100", "silent"],
  ["r-stranger", "tcp:10.10.0.11:7788", "silent"],
  ["r-stranger", "udp:10.10.0.11:5405", "silent"],
  ["r-stranger", "tcp:10.10.0.11:22", "silent"],
  ["r-stranger", "icmp:10.10.0.11:-", "answered"],
  ["s-client", "tcp:10.20.0.10:10809", "answered"],
  ["s-client", "icmp:10.20.0.10:-", "answered"],
  ["s-client", "tcp:10.20.0.11:22", "silent"],
  ["s-client", "tcp:10.20.0.11:7788", "silent"],
  ["s-client", "udp:10.20.0.11:5405", "silent"],
  // A KVM host is asked whether the exports answer before a client moves there; the servers admit it to nothing.
  ["s-host", "tcp:10.20.0.10:10809", "answered"],
  ["s-host", "tcp:10.20.0.10:3260", "answered"],
  ["s-host", "tcp:10.20.0.10:9100", "silent"],
  // The table still admits a host that has left the stack file.
  ["s-gone", "tcp:10.20.0.10:3260", "answered"],
  ["s-gone", "tcp:10.20.0.10:10809", "silent"],
  ["s-peer", "tcp:10.20.0.11:22", "answered"],
  ["s-peer", "tcp:10.20.0.10:10809", "silent"],
  ["s-peer", "udp:10.20.0.11:5405", "silent"],
  ["s-stranger", "tcp:10.20.0.10:10809", "silent"],
  ["s-stranger", "tcp:10.20.0.10:3260", "silent"],
  ["s-stranger", "tcp:10.20.0.11:22", "silent"],
  ["s-stranger", "tcp:10.20.0.11:9100", "silent"],
  ["m-operator", "tcp:10.30.0.11:22", "answered"],
  ["m-operator", "icmp:10.30.0.11:-", "answered"],
  ["m-operator", "tcp:10.30.0.11:7788", "silent"],
  ["m-operator", "tcp:10.30.0.11:9100", "silent"],
  ["m-operator", "udp:10.30.0.11:5406", "silent"],
  ["m-operator", "udp:10.30.0.11:9101", "silent"],
  ["m-peer", "tcp:10.30.0.11:22", "answered"],
  ["m-peer", "udp:10.30.0.11:5406", "answered"],
  ["m-peer", "udp:10.30.0.11:5405", "silent"],
  ["m-elsewhere", "tcp:10.30.0.11:22", "silent"],
  ["m-elsewhere", "icmp:10.30.0.11:-", "answered"],
];

describe("from each network", () => {
  let without: ReadonlyMap<string, Answer>;
  let within: ReadonlyMap<string, Answer>;
  beforeAll(() => {
    const { machine } = networks;
    machine.ok("nft flush ruleset; mkdir -p /etc/kvm-mirror && cat >/etc/kvm-mirror/firewall.nft", rules);
    admit(["10.20.0.2"], ["10.20.0.5"]);
    const doors = table.map(([place, door]) => [place, door] as const);
    without = networks.knocks(doors);
    expect(load()).toEqual({ status: 0, stdout: "", stderr: "" });
    within = networks.knocks(doors);
  });
  test.each(table)("%s at %s: %s", (place, door, answer) => {
    expect([without.get(`${place} ${door}`), within.get(`${place} ${door}`)]).toEqual(["answered", answer]);
  });
});

describe("connections", () => {
  const restOf = (held: ReturnType<typeof networks.holds>) => {
    held.say("word");
    return held.heard();
  };
  /** The other mirror has the VIP, and then this one: the firewall here is loaded, and has never seen the client. */
  const servedByPeer = () => {
    networks.machine.ok(`ip addr del 10.20.0.10/24 dev storage0; ip -n s-peer addr add 10.20.0.10/24 dev eth0
      ip -n s-client neigh flush all; ip -n s-gone neigh flush all`);
  };
  const moved = () => {
    networks.machine.ok(`ip -n s-peer addr del 10.20.0.10/24 dev eth0; ip addr add 10.20.0.10/24 dev storage0
      ip -n s-client neigh flush all; ip -n s-gone neigh flush all; ip neigh flush all`);
  };
  beforeAll(() => networks.answers("s-peer", ["tcp:10.20.0.10:10809", "tcp:10.20.0.10:3260"]));

  test("from before the firewall go on when it comes, and when it is loaded again", () => {
    const held = [
      networks.holds("s-client", "10.20.0.10", 10809),
      networks.holds("m-operator", "10.30.0.11", 22),
      networks.holds("r-peer", "10.10.0.11", 7788),
      // Whom the rules would not let in now.
      networks.holds("s-stranger", "10.20.0.10", 3260),
    ];
    for (let time = 0; time < 5; time++) {
      expect(load()).toMatchObject({ status: 0, stderr: "" });
      expect(held.map(restOf)).toEqual(held.map(() => "echoed"));
    }
  });

  test("of a client that is no longer admitted go on, and it opens no other", () => {
    expect(load().status).toBe(0);
    const held = networks.holds("s-gone", "10.20.0.10", 3260);
    admit(["10.20.0.2"], []);
    expect(load().status).toBe(0);
    expect(restOf(held)).toBe("echoed");
    expect(networks.knocks([["s-gone", "tcp:10.20.0.10:3260"]]).get("s-gone tcp:10.20.0.10:3260")).toBe("silent");
  });

  test("with a VIP that has moved here are reset: by the client's next word, and by a tickle ACK", () => {
    servedByPeer();
    const word = networks.holds("s-client", "10.20.0.10", 10809);
    const waiting = networks.holds("s-client", "10.20.0.10", 3260);
    // Whether the client is admitted here does not count: it has to hear that its connection is gone.
    const stranger = networks.holds("s-gone", "10.20.0.10", 10809);
    expect(restOf(word)).toBe("echoed");
    expect(load().status).toBe(0);
    moved();
    expect(restOf(word)).toBe("ConnectionResetError");
    expect(restOf(stranger)).toBe("ConnectionResetError");
    waiting.say("wait");
    networks.tickle(3260, "10.20.0.2", waiting.port);
    expect(waiting.heard()).toBe("ConnectionResetError");
  });

  test("are not in the kernel's table, which may be full", () => {
    expect(load().status).toBe(0);
    // What was pinged before is in it, and leaves it in time.
    const inTable = () => Number(networks.machine.ok("cat /proc/sys/net/netfilter/nf_conntrack_count"));
    networks.knocksFromMirror("icmp:10.30.0.50:-");
    const before = inTable();
    expect(before).toBeGreaterThan(0);
    const held = networks.holds("s-client", "10.20.0.10", 10809);
    expect(restOf(held)).toBe("echoed");
    expect(networks.knocksFromMirror("tcp:10.30.0.50:22")).toEqual(["tcp:10.30.0.50:22 refused"]);
    expect(inTable()).toBeLessThanOrEqual(before);
  });

  test("that the mirror makes are answered: names, time, packages", () => {
    networks.answers("m-elsewhere", ["udp:0.0.0.0:53", "tcp:0.0.0.0:443"]);
    expect(load().status).toBe(0);
    expect(networks.knocksFromMirror("udp:10.99.0.7:53", "tcp:10.99.0.7:443", "icmp:10.99.0.7:-")).toEqual([
      "udp:10.99.0.7:53 answered",
      "tcp:10.99.0.7:443 answered",
      "icmp:10.99.0.7:- answered",
    ]);
  });
});
