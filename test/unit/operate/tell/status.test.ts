import { describe, expect, it } from "vitest";
import type { Inventory } from "../../../../src/inventory.ts";
import type { Evidence } from "../../../../src/operate/observe/evidence.ts";
import type { ClientState, MirrorState } from "../../../../src/operate/observe/states.ts";
import type { Observation, Seen } from "../../../../src/operate/observe/observe.ts";
import { renderStatus, statusDocument } from "../../../../src/operate/tell/renderStatus.ts";
import { type Volume, volumeState } from "../volumeState.ts";

const mirror = (name: string, host: string, last: number, role: "primary" | "secondary") => ({
  name,
  host,
  replicationAddress: `10.10.0.${last}`,
  storageAddress: `10.20.0.${last}`,
  managementAddress: `10.30.0.${last}`,
  role,
  ssh: { target: `storage@10.30.0.${last}`, hostKey: "ssh-ed25519 AAAA" },
});

const inventory: Inventory = {
  version: 1,
  stack: "lab",
  failover: { mode: "manual" },
  hosts: [
    { name: "kvm-a", uri: "qemu+ssh://root@10.30.0.2/system", address: "10.30.0.2", storageAddress: "10.20.0.2" },
    { name: "kvm-b", uri: "qemu+ssh://root@10.30.0.3/system", address: "10.30.0.3", storageAddress: "10.20.0.3" },
  ],
  mirrors: [mirror("mirror-a", "kvm-a", 11, "primary"), mirror("mirror-b", "kvm-b", 12, "secondary")],
  groups: [{ name: "main", vip: "10.20.0.10", primary: "mirror-a", volumes: ["r0", "r1"] }],
  volumes: ["r0", "r1"].map((name, minor) => ({
    name,
    size: 256 * 1024 ** 2,
    device: `/dev/drbd${minor}`,
    group: "main",
    primary: "mirror-a",
    replication: { protocol: "C" as const, resyncRate: "100M" },
  })),
  exports: [
    { volume: "r0", protocol: "nbd", address: "10.20.0.10", port: 10809, name: "r0" },
    { volume: "r1", protocol: "iscsi", address: "10.20.0.10", port: 3260, iqn: "iqn.2026-11.net.example:r1", lun: 1 },
  ],
  clients: [
    {
      name: "app-1",
      host: "kvm-a",
      hosts: ["kvm-a", "kvm-b"],
      managed: true,
      managementAddress: "10.30.0.21",
      disks: [
        { volume: "r0", protocol: "nbd", target: "vdb", bus: "virtio", serial: "r0" },
        { volume: "r1", protocol: "iscsi", target: "sdb", bus: "sata", serial: "r1" },
      ],
      ssh: { target: "storage@10.30.0.21", hostKey: "ssh-ed25519 AAAA" },
    },
  ],
};

const volume = (name: string, change: Partial<Volume> = {}): Volume =>
  volumeState(name, { role: "Primary", peerRole: "Secondary", ...change });

function primaryState(change: Partial<Volume> = {}): MirrorState {
  return {
    mirror: "mirror-a",
    drbdVersion: "8.4.11",
    volumes: [volume("r0", change), volume("r1")],
    groups: [{ name: "main", vip: true, enabled: true, nbd: true, iscsi: true }],
    attached: [
      { volume: "r0", protocol: "nbd", address: "10.20.0.2" },
      { volume: "r1", protocol: "iscsi", address: "10.20.0.2", initiator: "iqn.2026-11.net.example:r1:app-1.kvm-a" },
    ],
    cluster: null,
  };
}

function secondaryState(change: Partial<Volume> = {}): MirrorState {
  const roles = { role: "Secondary", peerRole: "Primary" };
  return {
    mirror: "mirror-b",
    drbdVersion: "8.4.11",
    volumes: [volume("r0", { ...roles, ...change }), volume("r1", roles)],
    groups: [{ name: "main", vip: false, enabled: false, nbd: false, iscsi: false }],
    attached: [],
    cluster: null,
  };
}

const host = (name: string, state: string, reason = "I/O error"): Seen<ClientState> => ({
  state: { host: name, domains: [{ name: "app-1", state, reason: state === "paused" ? reason : "", disks: [] }] },
});

function observation(a: Seen<MirrorState>, b: Seen<MirrorState>, onA = "running", onB = "shut off"): Observation {
  return {
    mirrors: new Map([
      ["mirror-a", a],
      ["mirror-b", b],
    ]),
    hosts: new Map([
      ["kvm-a", host("kvm-a", onA)],
      ["kvm-b", host("kvm-b", onB)],
    ]),
  };
}

const concerns = (seen: Observation, evidence?: ReadonlyMap<string, Evidence>): string =>
  renderStatus(inventory, seen, evidence).text.split("\n\n").at(-1) ?? "";

describe("status", () => {
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

  it("counts a client in any state but off as one that may write", () => {
    expect(
      concerns(observation({ state: primaryState() }, { state: secondaryState() }, "running", "in shutdown")),
    ).toContain("client app-1 runs on kvm-a and kvm-b");
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

  it("shows a healthy stack", () => {
    const { text, concerns } = renderStatus(
      inventory,
      observation({ state: primaryState() }, { state: secondaryState() }),
    );
    expect(concerns).toEqual([]);
    expect(text).toMatchInlineSnapshot(`
      "Stack lab

      Mirrors
        mirror-a  on kvm-a  DRBD 8.4.11  ssh storage@10.30.0.11
        mirror-b  on kvm-b  DRBD 8.4.11  ssh storage@10.30.0.12

      Volumes
        r0  256MiB  mirror-a  Primary    UpToDate  Connected
                    mirror-b  Secondary  UpToDate  Connected
        r1  256MiB  mirror-a  Primary    UpToDate  Connected
                    mirror-b  Secondary  UpToDate  Connected

      Exports
        r0  nbd://10.20.0.10:10809/r0                             served by mirror-a  attached: 10.20.0.2
        r1  iscsi://10.20.0.10:3260/iqn.2026-11.net.example:r1/1  served by mirror-a  attached: iqn.2026-11.net.example:r1:app-1.kvm-a

      Clients
        app-1  running on kvm-a, shut off on kvm-b  ssh storage@10.30.0.21
          r0  by NBD    in the guest: /dev/disk/by-id/virtio-r0
          r1  by iSCSI  in the guest: /dev/disk/by-id/ata-QEMU_HARDDISK_r1

      All is as it should be.
      "
    `);
  });

  it("is there for a machine: what everybody said, and what needs attention", () => {
    const seen = observation({ state: primaryState() }, { unreachable: "no route to host" });
    const { concerns } = renderStatus(inventory, seen);
    const document = JSON.parse(JSON.stringify(statusDocument(inventory, seen, concerns)));
    expect(document).toMatchObject({
      version: 1,
      stack: "lab",
      healthy: false,
      mirrors: {
        "mirror-a": { state: { volumes: [{ name: "r0", role: "Primary" }, { name: "r1" }] } },
        "mirror-b": { unreachable: "no route to host" },
      },
      hosts: { "kvm-a": { state: { host: "kvm-a" } } },
    });
    expect(document.concerns).toEqual(concerns);
    expect(concerns).toContain("mirror mirror-b cannot be asked: no route to host");
    const whole = observation({ state: primaryState() }, { state: secondaryState() });
    expect(statusDocument(inventory, whole, [])).toMatchObject({ healthy: true, concerns: [] });
  });

  it("shows the space of the storage pools, and what cannot be kept of what they promised", () => {
    const GiB = 1024 ** 3;
    const withPool = (name: string, state: string, promised: number): Seen<ClientState> => {
      const found = host(name, state);
      return "state" in found
        ? { state: { ...found.state, pools: [{ name: "default", free: 70 * GiB, promised }] } }
        : found;
    };
    const hosts = new Map([
      ["kvm-a", withPool("kvm-a", "running", 0)],
      ["kvm-b", withPool("kvm-b", "shut off", 80 * GiB)],
    ]);
    const { text, concerns } = renderStatus(inventory, {
      ...observation({ state: primaryState() }, { state: secondaryState() }),
      hosts,
    });
    expect(text).toContain(
      "Storage pools\n  default  on kvm-a  70.0 GiB free\n  default  on kvm-b  70.0 GiB " +
        "free  disks in it may still grow by 80.0 GiB\n\nVolumes\n",
    );
    expect(text).toContain(
      "  ! storage pool default on kvm-b has 70.0 GiB free, and disks in it may still grow by 80.0 GiB",
    );
    expect(concerns).not.toEqual([]);
  });

  it("names the mirror that has the VIP, where both have servers, and a client not yet connected again", () => {
    const standby = {
      ...secondaryState(),
      groups: [{ name: "main", vip: false, enabled: false, nbd: true, iscsi: false }],
    };
    const row = (onA?: string) =>
      renderStatus(
        inventory,
        observation({ state: { ...primaryState(), attached: [] } }, { state: standby }, onA),
      ).text.match(/r0 +nbd:.*/)?.[0];
    expect(row()).toMatch(/served by mirror-a +nobody attached; app-1 connects when it next reads or writes$/);
    expect(row("shut off")).toMatch(/served by mirror-a +nobody attached$/);
  });

  it("says how far a synchronisation is, and what it means", () => {
    const syncing = { syncPercent: 41.25, connection: "SyncSource", peerDisk: "Inconsistent" };
    const seen = observation(
      { state: primaryState(syncing) },
      { state: secondaryState({ ...syncing, connection: "SyncTarget", disk: "Inconsistent" }) },
    );
    expect(renderStatus(inventory, seen).text).toMatch(/mirror-a +Primary +UpToDate +SyncSource +41\.3 % synchronised/);
    expect(concerns(seen)).toMatchInlineSnapshot(`
      "Needs attention
        ! volume r0 is being synchronised (41.3 %): until it ends a write is safe on one copy only
      "
    `);
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
        "and the copy of mirror-b is stale: mirror-a went on alone at 2025-11-26 13:02:15 UTC, its KVM host says;",
      ],
      [
        "never went on alone",
        known(new Map()),
        "; the copy of mirror-b lacks nothing: the KVM host of mirror-a says that it never went on alone;",
      ],
      [
        "cannot be asked about",
        undefined,
        "and the copy of mirror-b may be stale: it has not heard its peer since 2025-11-26 " +
          "13:02:11 UTC, and it is unknown whether that went on alone;",
      ],
    ])("when the primary is silent and %s", (_, evidence, words) => {
      expect(concerns(observation(gone, standby), evidence)).toContain(words);
    });
  });
});
