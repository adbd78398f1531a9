import { describe, expect, it } from "vitest";
import type { Evidence } from "../../../../src/operate/observe/evidence.ts";
import type { MirrorState } from "../../../../src/operate/observe/states.ts";
import type { Volume } from "../volumeState.ts";
import { host, primaryState, secondaryState, observation, concerns } from "./statusSample.ts";

describe("what needs attention", () => {
  it("says that a synchronisation over a path without full packets hangs, before how far it is", () => {
    const path = { interface: "replication0", to: "mirror-b", address: "10.10.0.12", bytes: 9000, carries: 1500 };
    const syncing = primaryState({ connection: "SyncSource", peerDisk: "Inconsistent", syncPercent: 20 });
    const text = concerns(
      observation({ state: { ...syncing, paths: [{ network: "replication", ...path }] } }, { state: secondaryState() }),
    );
    expect(text.split("\n").map((line) => line.slice(0, 60))).toEqual([
      "Needs attention",
      "  ! mirror-a: the MTU of replication0 is 9000, and the path ",
      "  ! volume r0 is being synchronised (20.0 %): until it ends ",
      "",
    ]);
  });

  it.each([
    ["saved", "client app-1 on kvm-a: it is not shut down but saved to disk"],
    ["crashed", "client app-1 on kvm-a: its guest has crashed"],
    ["unknown", "client app-1 on kvm-a: libvirt there does not say its state"],
  ])("says what a client needs that is '%s'", (state, words) => {
    expect(concerns(observation({ state: primaryState() }, { state: secondaryState() }, state))).toContain(words);
  });

  it("warns of a mirror that was migrated away, while it answers and all else is well", () => {
    const healthy = observation({ state: primaryState() }, { state: secondaryState() });
    const known = (domain: Evidence["domain"]): string =>
      concerns(healthy, new Map<string, Evidence>([["mirror-a", { domain, marks: undefined }]]));
    expect(known("moved")).toContain("mirror mirror-a was taken away from kvm-a (virsh migrate): nobody can turn it");
    for (const domain of ["running", "off", "unknown"] as const) expect(known(domain)).not.toContain("taken away");
  });

  it("warns of a mirror that leaves no sign of life, before a failover takes it for moved", () => {
    const now = Date.UTC(2026, 10, 28, 9, 0, 0) / 1000;
    const standby = secondaryState();
    const volumes = standby.volumes.map((volume) => ({ ...volume, heardUntil: now }));
    const seen = observation({ state: primaryState() }, { state: { ...standby, volumes } });
    const known = (alive: number): string =>
      concerns(seen, new Map<string, Evidence>([["mirror-a", { domain: "running", marks: new Map(), alive }]]));
    expect(known(now - 4)).not.toContain("sign of life");
    expect(known(now - 600)).toContain(
      "mirror mirror-a left its last sign of life at 2026-11-28 08:50:00 UTC: its clock",
    );
  });

  it("counts a client in any state but off as one that may write", () => {
    expect(
      concerns(observation({ state: primaryState() }, { state: secondaryState() }, "running", "in shutdown")),
    ).toContain("client app-1 runs on kvm-a and kvm-b");
  });

  it("warns of a mirror whose firewall is not in force, with what keeps it out, and of no other", () => {
    const seenWith = (firewall: MirrorState["firewall"]) =>
      concerns(observation({ state: { ...primaryState(), firewall } }, { state: secondaryState() }));
    const text = "mirror-a: its firewall is not in force, so whoever is in one of its networks reaches every port: ";
    expect(seenWith({ loaded: false, why: "there is no nft. Install it" })).toContain(`${text}there is no nft`);
    expect(seenWith({ loaded: false, why: null })).toContain(`${text}nobody has loaded it; on the mirror: sudo`);
    for (const firewall of [{ loaded: true, why: null }, null, undefined])
      expect(seenWith(firewall)).not.toContain("firewall");
  });

  it("warns of a mirror whose file system is nearly full", () => {
    const space = [
      { path: "/", usedPercent: 97 },
      { path: "/run", usedPercent: 90 },
    ];
    const text = concerns(observation({ state: { ...primaryState(), space } }, { state: secondaryState() }));
    expect(text).toContain("mirror-a: the file system at / is 97 % full");
    expect(text).not.toContain("/run");
  });

  it("warns of a KVM host that would save its mirrors to disk", () => {
    const seen = observation({ state: primaryState() }, { state: secondaryState() });
    const hosts = new Map(seen.hosts).set("kvm-b", { state: { host: "kvm-b", suspends: true, domains: [] } });
    expect(concerns({ ...seen, hosts })).toContain("KVM host kvm-b saves its VMs to disk when it shuts down");
  });

  it("warns that one copy is left when a mirror cannot be asked", () => {
    const alone = { connection: "WFConnection", peerRole: "Unknown", peerDisk: "DUnknown" };
    expect(
      concerns(
        observation({ state: primaryState(alone) }, { unreachable: "it is connected, but no answer within 90 s" }),
      ),
    ).toMatchInlineSnapshot(`
      "Needs attention
        ! mirror mirror-b cannot be asked: it is connected, but no answer within 90 s
        ! volume r0: mirror-a has no connection to its peer (WFConnection): a write is on one copy only; bring the other mirror or the replication network back
      "
    `);
  });

  it("tells a split brain, and two primaries", () => {
    const split = { connection: "StandAlone" };
    expect(
      concerns(observation({ state: primaryState(split) }, { state: secondaryState({ ...split, role: "Primary" }) })),
    ).toMatchInlineSnapshot(`
      "Needs attention
        ! volume r0 is primary on mirror-a and mirror-b: two writers; stop the clients on one side now, then docs/runbooks/split-brain.md
        ! volume r0: mirror-a is StandAlone, it replicates no more (split brain, or disconnected by hand): kvm-mirror recover r0 explains which, and what to do
        ! volume r0: mirror-b is StandAlone, it replicates no more (split brain, or disconnected by hand): kvm-mirror recover r0 explains which, and what to do
      "
    `);
  });

  it("tells a VIP without a server behind it", () => {
    const state = primaryState();
    state.groups = [{ name: "main", vip: true, enabled: true, nbd: false, iscsi: true }];
    expect(concerns(observation({ state }, { state: secondaryState() }))).toMatchInlineSnapshot(`
      "Needs attention
        ! group main: mirror-a holds the VIP, but nbd-server does not listen on it
      "
    `);
  });

  it("tells a client that runs twice, is paused, or does not run", () => {
    const [a, b] = [{ state: primaryState() }, { state: secondaryState() }];
    expect([
      concerns(observation(a, b, "running", "running")),
      concerns(observation(a, b, "paused", "running")),
      concerns(observation(a, b, "paused")),
      concerns({ ...observation(a, b), hosts: new Map([["kvm-a", host("kvm-a", "paused", "user")]]) }),
      concerns(observation(a, b, "shut off")),
    ]).toMatchInlineSnapshot(`
      [
        "Needs attention
        ! client app-1 runs on kvm-a and kvm-b: stop one of them now
      ",
        "Needs attention
        ! client app-1 runs on kvm-a and kvm-b: stop one of them now
      ",
        "Needs attention
        ! client app-1 is paused on kvm-a: its storage was away for longer than it waits; once the exports are served again, \`kvm-mirror client app-1 --resume\` lets it go on where it was
      ",
        "Needs attention
        ! client app-1 is paused on kvm-a (user): whoever did that resumes it, with \`virsh resume app-1\` there
      ",
        "Needs attention
        ! client app-1 does not run: it is shut off on kvm-a, where it belongs; a KVM host starts no client by itself when it boots. \`kvm-mirror client app-1 --start\` starts it
      ",
      ]
    `);
  });

  describe("says which copy is stale, or may be", () => {
    const lostAt = 1_764_162_131;
    const parted: Partial<Volume> = {
      connection: "WFConnection",
      peerRole: "Unknown",
      peerDisk: "DUnknown",
      lostSince: lostAt,
      heardUntil: lostAt,
    };
    const standby = { state: secondaryState(parted) };
    const gone = { unreachable: "Connection timed out" };
    const known = (marks: Evidence["marks"]): ReadonlyMap<string, Evidence> =>
      new Map([
        ["mirror-a", { domain: "off", marks }],
        ["mirror-b", { domain: "running", marks: new Map() }],
      ]);

    it("while the primary answers", () => {
      const text = concerns(observation({ state: primaryState({ ...parted, alone: lostAt + 4 }) }, standby));
      expect(text).toContain(
        "volume r0: mirror-a has no connection to its peer (WFConnection): a write is on one " +
          "copy only, and it goes on alone since 2025-11-26 13:02:15 UTC;",
      );
      expect(text).toContain(
        "and the copy of mirror-b is stale: mirror-a goes on alone since 2025-11-26 13:02:15 UTC;",
      );
    });

    it("while the primary stands still", () => {
      expect(
        concerns(observation({ state: primaryState({ ...parted, frozen: true, suspended: true }) }, standby)),
      ).toContain(
        "volume r0: mirror-a stands still, and so do its clients: it lost its " +
          "peer, and could neither tell it nor leave a mark",
      );
    });

    it.each<[string, ReadonlyMap<string, Evidence> | undefined, string]>([
      [
        "went on alone",
        known(new Map([["r0", "2025-11-26 13:02:15 UTC"]])),
        "and the copy of mirror-b is stale: mirror-a went on alone at 2025-11-26 13:02:15 UTC, its KVM host says",
      ],
      [
        "never went on alone",
        known(new Map()),
        "; the copy of mirror-b lacks nothing: the KVM host of mirror-a says that it never went on alone",
      ],
      [
        "cannot be asked about",
        undefined,
        "and the copy of mirror-b may be stale: it has not heard its peer since 2025-11-26 " +
          "13:02:11 UTC, and it is unknown whether that went on alone",
      ],
    ])("when the primary is silent and %s", (_, evidence, words) => {
      const text = concerns(observation(gone, standby), evidence);
      expect(text).toContain(words);
      // Nobody writes: it is no matter of one copy, and the way out is a failover.
      expect(text).not.toContain("a write is on one copy only");
      expect(text).toContain(
        `volume r0 is primary nowhere: no client can use it. ${
          evidence ? "mirror-a is off, its KVM host says:" : "mirror-a does not answer: if it is dead,"
        } kvm-mirror failover all (--dry-run shows what it would do; docs/runbooks/primary-died.md)`,
      );
    });

    it.each<[string, Partial<Volume>, string]>([
      [
        "and its copy from before is kept",
        { snapshot: { made: lostAt, useless: null } },
        "If the peer is lost for good: mirror-b keeps its copy from before the synchronisation of 2025-11-26 " +
          "13:02:11 UTC (kvm-mirror recover r0 --roll-back mirror-b)",
      ],
      [
        "and none is",
        { snapshot: { made: null, useless: "no room" } },
        "mirror-b keeps no copy from before it: no room",
      ],
      [
        "and what was kept ran full",
        { snapshot: { made: lostAt, useless: "it ran full" } },
        "mirror-b keeps no copy from before it: it ran full",
      ],
    ])("when the primary was lost in the middle of a synchronisation, %s", (_, change, words) => {
      const mixture = { state: secondaryState({ ...parted, disk: "Inconsistent", ...change }) };
      expect(concerns(observation(gone, mixture))).toContain(words);
    });

    it("while nothing is kept of a copy that is overwritten, and when a snapshot was left", () => {
      const snapshot = { made: null, useless: "no room" };
      const syncing = { connection: "SyncTarget", disk: "Inconsistent", syncPercent: 20, snapshot };
      const beside = (change: Partial<Volume>) =>
        concerns(observation({ state: primaryState() }, { state: secondaryState(change) }));
      expect(beside(syncing)).toContain(
        "until it ends a write is safe on one copy only. mirror-b keeps no copy from before it: no room",
      );
      expect(beside({ snapshot: { made: lostAt, useless: null } })).toContain(
        "volume r0: mirror-b still keeps its copy from before a synchronisation that has ended, which slows writes: " +
          "sudo /usr/local/lib/kvm-mirror/snapshot-after-sync.sh r0 there",
      );
    });

    it("when the primary is silent, and the mirror has not heard it since it booted", () => {
      const booted = { state: secondaryState({ ...parted, heardUntil: null }) };
      expect(concerns(observation(gone, booted))).toContain(
        "and the copy of mirror-b may be stale: it has not heard its peer since it booted, and it is unknown whether",
      );
    });

    it("when the primary is silent, and on", () => {
      const on = new Map([["mirror-a", { domain: "running" as const, marks: new Map() }]]);
      expect(concerns(observation(gone, standby), on)).toContain(
        "mirror-a does not answer, and its KVM host says that it is on: see whether it boots (virsh console mirror-a " +
          "there); if it is dead, kvm-mirror failover all (--dry-run shows",
      );
    });
  });
});
