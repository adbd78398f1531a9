import { describe, expect, it } from "vitest";
import type { Inventory } from "../../../../src/inventory/inventory.ts";
import { makeInventory } from "../../../../src/inventory/makeInventory.ts";
import { findLeftovers, type Sight } from "../../../../src/operate/decide/leftovers.ts";
import type { Process } from "../../../../src/operate/observe/atWork.ts";
import type { Seen } from "../../../../src/operate/observe/observe.ts";
import type { MirrorState } from "../../../../src/operate/observe/states.ts";
import { checkDocument, renderCheck } from "../../../../src/operate/tell/renderCheck.ts";
import { planOf } from "../../render/sample.ts";
import { volumeState } from "../volumeState.ts";

const inventory: Inventory = makeInventory(planOf());

const process = (pid: number, parent: number, program: string, command: string | null = null): Process => ({
  pid,
  parent,
  seconds: 30,
  program,
  command,
  unit: null,
});
const nothing: Seen<readonly Process[]> = { state: [process(1, 0, "systemd")] };
const state = (mirror: string, change: Partial<MirrorState> = {}): Seen<MirrorState> => ({
  state: {
    mirror,
    drbdVersion: "8.4.11",
    volumes: inventory.volumes.map(({ name }) => volumeState(name, {})),
    groups: inventory.groups.map(({ name }) => ({
      name,
      vip: false,
      enabled: false,
      nbd: null,
      iscsi: null,
      configuration: "same",
    })),
    attached: [],
    cluster: null,
    ...change,
  },
});
const clean: Sight = {
  machine: "office",
  pulumi: { pending: [], locks: [] },
  processes: {
    here: nothing,
    mirrors: new Map([
      ["mirror-a", nothing],
      ["mirror-b", nothing],
    ]),
    hosts: new Map([
      ["kvm-a", nothing],
      ["kvm-b", nothing],
    ]),
  },
  seen: {
    mirrors: new Map([
      ["mirror-a", state("mirror-a")],
      ["mirror-b", state("mirror-b")],
    ]),
    hosts: new Map(),
  },
};
const sound = { problems: [], notSeen: [] };
const lock = { pid: 4711, username: "ops", hostname: "office", timestamp: "2026-11-27T08:15:00.123+01:00" };
const pending = [{ type: "creating", name: "mirror-a-settings" }];

function told(change: Partial<Sight>): { readonly leftovers: readonly string[]; readonly atWork: readonly string[] } {
  const found = findLeftovers(inventory, { ...clean, ...change });
  return checkDocument(inventory, found, sound) as ReturnType<typeof told>;
}
const processes = (change: Partial<Sight["processes"]>): Pick<Sight, "processes"> => ({
  processes: { ...clean.processes, ...change },
});
const mirrors = (one: Partial<MirrorState>, other: Partial<MirrorState> = {}): Pick<Sight, "seen"> => ({
  seen: {
    mirrors: new Map([
      ["mirror-a", state("mirror-a", one)],
      ["mirror-b", state("mirror-b", other)],
    ]),
    hosts: new Map(),
  },
});

describe("what a killed up or command has left", () => {
  it("is nothing", () => {
    const found = findLeftovers(inventory, clean);
    expect(found).toEqual({ leftovers: [], atWork: [], notSeen: [] });
    expect(renderCheck(inventory, found, sound)).toBe(
      `Stack ${inventory.stack}\n\nThe site is as the stack file needs it.\n\nNothing is left over.\n`,
    );
  });

  it("is a lock of this machine, and operations that nobody ended", () => {
    expect(told({ pulumi: { pending, locks: [lock] } }).leftovers).toEqual([
      "the stack is locked by process 4711 of ops@office, since 2026-11-27 08:15:00. " +
        "That pulumi does not run any more: pulumi cancel, then pulumi up",
      "an `up` was killed at work, and Pulumi does not know how this ended: creating mirror-a-settings. " +
        "pulumi up does it again: every step is safe to run twice",
    ]);
  });

  it("is no lock whose pulumi is at work, nor what that has begun", () => {
    const here = { state: [process(1, 0, "systemd"), process(4711, 1, "pulumi")] };
    expect(told({ pulumi: { pending, locks: [lock] }, ...processes({ here }) })).toMatchObject({
      leftovers: [],
      atWork: ["pulumi: process 4711 of ops@office, since 2026-11-27 08:15:00"],
    });
    // Another process has the number by now.
    const reused = { state: [process(1, 0, "systemd"), process(4711, 1, "firefox")] };
    expect(told({ pulumi: { pending: [], locks: [lock] }, ...processes({ here: reused }) }).leftovers).toHaveLength(1);
  });

  it("may be a lock of another machine, which is to be asked", () => {
    expect(told({ pulumi: { pending: [], locks: [{ ...lock, hostname: "ci" }] } }).leftovers).toEqual([
      "the stack is locked by process 4711 of ops@ci, since 2026-11-27 08:15:00. " +
        "See on that machine whether it still runs; where it does not: pulumi cancel, then pulumi up",
    ]);
  });

  it("is a script that nobody waits for, wherever it is", () => {
    const command = "bash ../scripts/operator/on-mirror.sh s@10.30.0.11 ssh-ed25519 AAAAC3/+= group-start.sh main";
    const here = { state: [process(1, 0, "systemd"), process(20, 1, "bash", command)] };
    const there = {
      state: [process(1, 0, "systemd"), process(30, 1, "bash", "bash /tmp/kvm-mirror.x/attach-disk.sh")],
    };
    expect(told(processes({ here, hosts: new Map([["kvm-a", there]]) })).leftovers).toEqual([
      "office: on-mirror.sh s@10.30.0.11 group-start.sh main (process 20, for 30 s): whoever began it is gone. " +
        "Wait for its end, or end it (kill 20); then pulumi up",
      "kvm-a: attach-disk.sh (process 30, for 30 s): whoever began it is gone. " +
        "It comes to its end there. kvm-mirror check shows when; then pulumi up",
    ]);
  });

  it("is no script whose login is open", () => {
    const there = {
      state: [process(5, 1, "sshd:"), process(6, 5, "bash", "bash /usr/local/lib/kvm-mirror/drbd-grow.sh r0")],
    };
    expect(told(processes({ mirrors: new Map([["mirror-b", there]]) }))).toMatchObject({
      leftovers: [],
      atWork: ["mirror-b: drbd-grow.sh r0 (process 6, for 30 s)"],
    });
  });

  const cluster = {
    answers: true,
    quorum: true,
    paused: true,
    pausedBy: "main-0badcafe",
    nodes: [],
    groups: [],
    fences: [],
    qdevice: null,
  };
  it("is a pause whose switch is gone, told once", () => {
    expect(told(mirrors({ cluster }, { cluster })).leftovers).toEqual([
      expect.stringMatching(
        /^the cluster is paused .* planned switch main-0badcafe .* sudo \S+cluster-resume\.sh main-0badcafe 120$/,
      ),
    ]);
    const command = "bash ../scripts/operator/switch-in-cluster.sh main s@10.30.0.11 ssh-ed25519 AAAA s@10.30.0.12";
    const here = { state: [process(9, 1, "kvm-mirror"), process(10, 9, "bash", command)] };
    expect(told({ ...mirrors({ cluster }, { cluster }), ...processes({ here }) }).leftovers).toEqual([]);
    expect(told(mirrors({ cluster: { ...cluster, pausedBy: null } })).leftovers).toEqual([]);
  });

  it("is a difference between the mirrors", () => {
    const group = { name: "main", vip: false, enabled: false, nbd: null, iscsi: null };
    const sight = mirrors(
      { groups: [{ ...group, configuration: "new" }] },
      { groups: [{ ...group, configuration: "old" }] },
    );
    expect(told(sight).leftovers).toEqual([
      expect.stringMatching(
        /^group main: exports and admissions of mirror-a and mirror-b are not the same; `pulumi up`/,
      ),
    ]);
  });

  it("is a group or volume that the stack does not know", () => {
    const { groups, volumes } = (state("mirror-a") as { readonly state: MirrorState }).state;
    const extra = { name: "extra", vip: false, enabled: false, nbd: null, iscsi: null };
    const sight = mirrors(
      { groups: [...groups, extra], volumes: [...volumes, volumeState("r9", {})] },
      { groups: [...groups, extra] },
    );
    const [target, other] = inventory.mirrors.map(({ ssh }) => ssh.target);
    expect(told(sight).leftovers).toEqual([
      "group extra is set up on mirror-a and mirror-b, and the last `up` that succeeded does not know it. " +
        `If the stack file has it: pulumi up. If not, it is taken off by: ssh ${target} sudo ` +
        `/usr/local/lib/kvm-mirror/group-remove.sh extra; ssh ${other} sudo ` +
        "/usr/local/lib/kvm-mirror/group-remove.sh extra",
      expect.stringMatching(/^volume r9 is set up on mirror-a, .*volume-remove\.sh r9$/),
    ]);
  });

  it("may be at whoever cannot be asked, who is named once", () => {
    const silent = { unreachable: "no route to host" };
    expect(
      told({
        pulumi: { pending: { why: "no answer", elsewhere: false }, locks: { why: "no answer", elsewhere: false } },
        processes: {
          here: { unreachable: "no ps" },
          mirrors: new Map([["mirror-a", silent]]),
          hosts: new Map([["kvm-a", silent]]),
        },
        seen: { mirrors: new Map([["mirror-a", silent]]), hosts: new Map() },
      }).leftovers,
    ).toEqual([
      "Pulumi's state: not known (no answer), so something may be left there",
      "Pulumi's lock: not known (no answer), so something may be left there",
      "the scripts at work on this machine: not known (no ps), so something may be left there",
      "mirror mirror-a: not known (no route to host), so something may be left there",
      "the scripts at work on KVM host kvm-a: not known (no route to host), so something may be left there",
    ]);
  });

  it("is not what another machine alone can know", () => {
    const locks = { why: "Pulumi's backend is not a folder of this machine", elsewhere: true };
    const found = findLeftovers(inventory, { ...clean, pulumi: { pending: [], locks } });
    expect(found).toMatchObject({ leftovers: [] });
    expect(renderCheck(inventory, found, sound)).toContain(
      "Not seen from here\n  whether the stack is locked: Pulumi's",
    );
  });
});
