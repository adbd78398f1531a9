/** What a site's problems are not, and how they are told. */
import { describe, expect, it } from "vitest";
import type { Site } from "../../../../../src/operate/decide/site/site.ts";
import { checkSite } from "../../../../../src/operate/decide/site/siteProblems.ts";
import {
  plan,
  automatic,
  fresh,
  running,
  a,
  commands,
  on,
  bridge,
  clock,
  path,
  forward,
  fence,
} from "./changedSites.ts";
import { planOf } from "../../../render/sample.ts";
import { silent, soundSite, withRows } from "./sampleSite.ts";

describe("no problem is", () => {
  it.each<readonly [string, Site]>([
    ["a host without KVM where `virtualization` is auto", on({ probe: "kvm" }, { state: "no-device" }, fresh, "kvm-b")],
    ["management bridges of different MTU", bridge("br-management", { mtu: 9000 })],
    ["bridged packets that the firewall lets through", forward("docker", { accepts: true })],
    ["bridged packets that the firewall does not see", forward("docker", { calls: false })],
    ["a full pool that has every disk", on({ probe: "pool" }, { free: 0 }, running)],
    ["a clock that may be right", clock(fresh, "kvm-a", 4)],
    [
      "a machine of the stack that answers at its address",
      on({ probe: "free", address: "10.20.0.11" }, { state: "taken", mac: plan.mirrors[0]?.nics[1]?.mac ?? "" }),
    ],
    [
      "a third vote that one mirror's host cannot reach",
      on({ probe: "tcp", address: "10.30.0.9" }, { state: "closed" }, soundSite(automatic)),
    ],
    [
      "a mirror that is off, for its peer's dry run of fencing",
      ((): Site => {
        const site = fence("mirror-a", { state: { mirror: "mirror-b", status: "off", said: "" } });
        return { ...site, mirrors: new Map(site.mirrors).set("mirror-b", { unreachable: "no route" }) };
      })(),
    ],
  ])("%s", (_, site) => expect(commands(site)).toEqual([]));
});

describe("a fault hides what follows from it", () => {
  it("a bridge that is down: addresses and paths over it", () => {
    const down = bridge("br-storage", { state: "down" });
    const site = path("silent", path("silent", on({ probe: "address" }, { device: "" }, down), "kvm-a"), "kvm-b");
    expect(commands(site)).toEqual([`${a} ip link set dev br-storage up`]);
  });

  it("a storage address that is missing: the path to it", () =>
    expect(commands(path("silent", on({ probe: "address" }, { device: "" }), "kvm-b"))).toEqual([
      `${a} ip address add 10.20.0.2/24 dev br-storage`,
    ]));

  it("a host that does not answer: whether addresses of machines that may be there are free", () => {
    const taken = on(
      { probe: "free", address: "10.20.0.11" },
      { state: "taken", mac: "aa:bb:cc:dd:ee:ff" },
      fresh,
      "kvm-b",
    );
    expect(commands(silent(taken, "kvm-a", "No route to host"))).toEqual(["ping -c 3 kvm-a.example.net"]);
  });
});

describe("what cannot be seen", () => {
  it("is said, and is no problem", () => {
    const blind = ["kvm-a", "kvm-b"].reduce(
      (site, host) => on({ probe: "free", address: "10.10.0.11" }, { state: "no-way" }, site, host),
      withRows(fresh, "kvm-a", (rows) => [...rows, { probe: "unknown", of: "sshd's MaxStartups", why: "no sshd" }]),
    );
    expect(checkSite(blind)).toEqual({
      problems: [],
      notSeen: [
        "sshd's MaxStartups on kvm-a: no sshd",
        "whether 10.10.0.11 is free: no KVM host has an address in that network",
      ],
    });
  });
});

describe("words", () => {
  it("say what is, what it means, and the command", () => {
    expect(checkSite(on({ probe: "pool" }, { free: 2 ** 30 })).problems).toEqual([
      {
        what: "kvm-a: storage pool default has 1.0 GiB free; `up` needs 21.3 GiB",
        means: "There is no room for 5 disks: make some.",
        command: `${a} virsh vol-list --details default`,
      },
    ]);
    expect(checkSite(clock(fresh, "kvm-b", -90)).problems[0]?.what).toBe(
      "kvm-b: its clock differs from this machine's by 90 s (it is behind)",
    );
  });

  it("name sudo where the login is no root", () => {
    const site = soundSite(planOf({ "hosts.kvm-a.uri": "qemu+ssh://ops@kvm-a.example.net/system" }));
    expect(commands(on({ probe: "libvirt" }, { qemu: "4.1.0" }, site))[0]).toMatch(
      /^ssh ops@kvm-a.example.net sudo apt-get/,
    );
    expect(commands(on({ probe: "sshd" }, { maxStartups: "1" }, site))[0]).toMatch(
      /^ssh ops@.* 'sudo sh -c "echo Max.*"'$/,
    );
  });
});
