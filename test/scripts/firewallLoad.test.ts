/** When a mirror's firewall is loaded, and when the mirror rather keeps what it has. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { stopCommand } from "../../bench/servers.ts";
import type { MirrorPlan } from "../../src/plan/machines/mirrors.ts";
import { renderFirewall } from "../../src/render/machines/firewall.ts";
import { planOf } from "../unit/render/sample.ts";
import { documentWithoutTable, groupDocument, r0ByNbd } from "./groupDocument.ts";
import { Machine } from "./machine.ts";

let machine: Machine;
const plan = planOf();
const rules = renderFirewall(plan, plan.mirrors[0] as MirrorPlan) ?? "";
const group = (admitted: string) => ({ group: "main", vip: "192.0.2.10", exports: [r0ByNbd(admitted)] });
const load = () => machine.guest("firewall-load.sh");
const ruleset = () => machine.ok("nft -s list ruleset");
interface ListedSet {
  readonly nftables: readonly {
    readonly set?: { readonly elem?: readonly { readonly concat: readonly unknown[] }[] };
  }[];
}
const elements = (set: string) =>
  (JSON.parse(machine.ok(`nft -j list set inet kvm_mirror ${set}`)) as ListedSet).nftables
    .flatMap((entry) => entry.set?.elem ?? [])
    .map(({ concat }) => concat.join(" "));
const told = () => (JSON.parse(machine.guest("state.sh").stdout) as { firewall: unknown }).firewall;

beforeAll(async () => {
  machine = await Machine.start();
  machine.installGuest();
  machine.ok("ip link add storage0 type bridge && ip link set storage0 up && ip addr add 192.0.2.11/24 dev storage0");
  machine.volume("r0", 0);
  machine.ok("drbdadm state r0 Connected Secondary Secondary UpToDate UpToDate");
});
afterAll(() => machine?.stop());
beforeEach(() =>
  machine.ok(
    `nft flush ruleset; rm -rf /etc/kvm-mirror /var/lib/kvm-mirror/groups /run/kvm-mirror/firewall.trouble
      mkdir -p /etc/kvm-mirror && cat >/etc/kvm-mirror/firewall.nft`,
    rules,
  ),
);

test("without rules nothing happens, and nothing is said of a firewall", () => {
  machine.ok("rm /etc/kvm-mirror/firewall.nft");
  expect(load()).toEqual({ status: 0, stdout: "", stderr: "" });
  expect(ruleset()).toBe("");
  expect(told()).toBeNull();
});

test("it is loaded as often as one likes, other tables stay, and what holds at later boots is the same", () => {
  machine.ok("nft add table ip site; nft add set ip site them '{ type ipv4_addr; }'");
  expect(told()).toEqual({ loaded: false, why: null });
  expect(load()).toEqual({ status: 0, stdout: "", stderr: "" });
  const first = ruleset();
  expect(load()).toEqual({ status: 0, stdout: "", stderr: "" });
  expect(ruleset()).toBe(first);
  expect(first).toContain("table ip site");
  expect(told()).toEqual({ loaded: true, why: null });
  machine.ok("nft flush ruleset");
  expect(load().status).toBe(0);
  expect(ruleset()).toBe(first.replace(/table ip site \{[^]*?\n\}\n/, ""));
});

describe("a group", () => {
  const configure = (text: string, ...asked: string[]) => machine.guest("group-configure.sh", ["main", ...asked], text);

  test("lets in whom it admits, when it is configured and as long as it is there", () => {
    expect(load().status).toBe(0);
    expect(elements("exports")).toEqual([]);
    expect(configure(groupDocument(group("192.0.2.21"))).status).toBe(0);
    expect(elements("exports")).toEqual(["192.0.2.10 10809"]);
    expect(elements("admitted")).toEqual(["192.0.2.21 192.0.2.10 10809"]);
    expect(configure(groupDocument(group("192.0.2.22")), "192.0.2.21").status).toBe(0);
    expect(elements("admitted")).toEqual(["192.0.2.22 192.0.2.10 10809"]);
    expect(machine.guest("group-remove.sh", ["main"])).toMatchObject({ status: 0 });
    expect([elements("exports"), elements("admitted")]).toEqual([[], []]);
  });

  test("is not shut out when servers of bench end, whose ports are closed", () => {
    expect(load().status).toBe(0);
    expect(configure(groupDocument(group("192.0.2.21"))).status).toBe(0);
    const ports = "192.0.2.12 . 192.0.2.11 . 10895, 192.0.2.12 . 192.0.2.11 . 10899";
    machine.ok(`nft add element inet kvm_mirror admitted '{ ${ports} }'`);
    machine.ok("nft insert rule inet kvm_mirror input ip saddr 192.0.2.12 accept");
    machine.ok(stopCommand);
    expect(elements("admitted")).toEqual(["192.0.2.21 192.0.2.10 10809"]);
    expect(ruleset()).toContain("ip saddr 192.0.2.12 accept");
    machine.ok(stopCommand);
  });

  test("that an older version configured, without a table, has its clients let in as well", () => {
    expect(configure(groupDocument(group("192.0.2.21"))).status).toBe(0);
    machine.ok("rm /etc/kvm-mirror/main.exports");
    expect(documentWithoutTable(group("192.0.2.21"))).not.toContain("main.exports");
    expect(load().status).toBe(0);
    expect(elements("admitted")).toEqual(["192.0.2.21 192.0.2.10 10809"]);
  });
});

describe("the mirror keeps what it has, and status says why,", () => {
  const kept = (status: number, message: string, trouble = message) => {
    const before = ruleset();
    const outcome = load();
    expect(outcome).toMatchObject({ status, stdout: "" });
    expect(outcome.stderr).toContain(message);
    expect(ruleset()).toBe(before);
    machine.ok("nft delete table inet kvm_mirror 2>/dev/null || true");
    expect(told()).toEqual({ loaded: false, why: expect.stringContaining(trouble) });
  };
  const breakRules = () => machine.ok("sed -i 's/tcp dport 22/tcp dport ssh-or-so/' /etc/kvm-mirror/firewall.nft");

  test("when nft does not take the rules", () => {
    expect(load().status).toBe(0);
    breakRules();
    kept(1, "Error: ", "nft does not take the rules in /etc/kvm-mirror/firewall.nft");
  });

  test("when a rule of the site is wrong; a right one is taken", () => {
    machine.ok(`mkdir -p /etc/kvm-mirror/firewall.d
      echo 'iifname "management0" tcp dport 9100 accept' >/etc/kvm-mirror/firewall.d/metrics.nft`);
    expect(load().status).toBe(0);
    expect(ruleset()).toContain('iifname "management0" tcp dport 9100 accept');
    machine.ok("echo 'tcp dport everything accept' >/etc/kvm-mirror/firewall.d/other.nft");
    kept(1, "/etc/kvm-mirror/firewall.d/other.nft", "nft does not take the rules");
  });

  test("when it is not known whom a group admits", () => {
    expect(machine.guest("group-configure.sh", ["main"], groupDocument(group("192.0.2.21"))).status).toBe(0);
    machine.ok("echo nonsense >/etc/kvm-mirror/main.exports");
    kept(3, "it is not known what the groups export, and to whom");
  });

  test.each([
    [
      "drops what it does not know",
      "table ip filter { chain INPUT { type filter hook input priority filter; policy drop; tcp dport 22 accept\n" +
        "}\n}\n",
      "table ip filter",
    ],
    [
      "judges by the record of connections",
      "table inet site { chain in { type filter hook input priority 0; ct state established accept; drop\n}\n}\n" +
        "table ip later { chain in { type filter hook input priority 1\n}\n}\n",
      "table inet site",
    ],
  ])("when another firewall %s", (_, other, name) => {
    machine.ok("nft -f -", other);
    kept(3, `this mirror has a firewall of its own already, ${name}. Take that one away`);
  });

  test.each([
    ["only counts", "table ip site { chain in { type filter hook input priority 0; counter\n}\n}\n"],
    [
      "only looks at what leaves",
      "table ip site { chain out { type filter hook output priority 0; ct state new\n}\n}\n",
    ],
  ])("but not because of a table that %s", (_, other) => {
    machine.ok("nft -f -", other);
    expect(load()).toMatchObject({ status: 0, stderr: "" });
  });

  test("when there is no nft: the way to it is said", () => {
    const path = machine.ok("command -v nft");
    machine.ok(`mv ${path} ${path}.away`);
    const outcome = load();
    const status = told();
    machine.ok(`mv ${path}.away ${path}`);
    const message =
      "there is no nft on this mirror: it was made by an earlier version. Install it: sudo apt-get install nftables; " +
      "sudo systemctl restart kvm-mirror-firewall";
    expect(outcome).toEqual({ status: 3, stdout: "", stderr: `firewall-load.sh: refused: ${message}\n` });
    expect(status).toEqual({ loaded: false, why: message });
    expect(load()).toMatchObject({ status: 0, stderr: "" });
    expect(told()).toEqual({ loaded: true, why: null });
  });
});
