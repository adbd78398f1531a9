import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderGroupDocument } from "../../src/render/placement/groupDocument.ts";
import { planOf } from "../unit/render/sample.ts";
import { Machine } from "./machine.ts";

// Group `bare` (r2, r3) exports nothing; group `main` (r0 by NBD) beside it does.
const plan = planOf({
  "groups.bare": { preferredMirror: "mirror-a" },
  "volumes.r0.group": "main",
  "volumes.r1": undefined,
  "volumes.r2": { size: "1GiB", minor: 2, group: "bare" },
  "volumes.r3": { size: "1GiB", minor: 3, group: "bare" },
  "clients.db-1": undefined,
});
const documentOf = (name: string): string => {
  const group = plan.groups.find((one) => one.name === name);
  if (!group) throw new Error(`the sample has no group ${name}`);
  return renderGroupDocument(
    group,
    plan.volumes.filter((volume) => volume.group === name),
  );
};

let machine: Machine;
const whole = "Connected Secondary Secondary UpToDate UpToDate";
const volumes = (state: string) => machine.ok(`drbdadm state r2 ${state} && drbdadm state r3 ${state}`);
const start = (...mode: string[]) => machine.guest("group-start.sh", ["bare", ...mode]);
const stop = (...mode: string[]) => machine.guest("group-stop.sh", ["bare", ...mode]);
const where = () => machine.guest("group-where.sh", ["bare"]).stdout.trim();
const state = () => JSON.parse(machine.guest("state.sh").stdout);
const roles = () =>
  state()
    .volumes.filter(({ name }: { name: string }) => name === "r2" || name === "r3")
    .map(({ role }: { role: string }) => role);
/** What the volumes were told since; clears it. */
const told = (): string => {
  const commands = machine.ok("grep -E '^(primary|secondary) ' /run/drbd/commands | sort || true");
  machine.ok(": >/run/drbd/commands");
  return commands;
};

beforeAll(async () => {
  machine = await Machine.start();
  machine.ok("ip link add storage0 type bridge && ip link set storage0 up && ip addr add 10.20.0.11/24 dev storage0");
  for (const [name, minor] of [
    ["r0", 0],
    ["r2", 2],
    ["r3", 3],
  ] as const) {
    machine.volume(name, minor);
    machine.ok(`drbdadm state ${name} ${whole}`);
  }
});
afterAll(() => machine?.stop());

describe("a group without exports", () => {
  test("names its volumes, and has no file of a server", () => {
    for (const group of ["main", "bare"])
      expect(machine.guest("group-configure.sh", [group], documentOf(group))).toMatchObject({ status: 0 });
    expect(
      machine.ok("cat /etc/kvm-mirror/bare.env; ls /etc/nbd-server/*bare* /etc/tgt/*/*bare* 2>/dev/null || true"),
    ).toBe('VOLUMES="r2 r3"\nNBD=no\nISCSI=no');
    expect(where()).toBe("idle");
    expect(state().groups).toMatchObject([
      { name: "bare", vip: null, enabled: false, nbd: null, iscsi: null },
      { name: "main", vip: false },
    ]);
  });

  test("is Primary where it is started, and nothing of it listens", () => {
    told();
    expect(start()).toEqual({
      status: 0,
      stdout: "",
      stderr: "group-start.sh: group bare is Primary here: r2 r3\n",
    });
    expect(told()).toBe("primary r2\nprimary r3");
    expect(roles()).toEqual(["Primary", "Primary"]);
    expect(where()).toBe("serving");
    expect(state().groups).toMatchObject([{ name: "bare", vip: null, enabled: true }, { vip: false }]);
    // That of group `main`, which does not run here, waits for its VIP.
    expect(machine.ok("ss -Hltn | awk '{ print $4 }'; ip -4 -o addr show dev storage0 | awk '{ print $4 }'")).toBe(
      "10.20.0.10:10809\n10.20.0.11/24",
    );
    expect(machine.ok("ls /var/lib/kvm-mirror | grep -E 'r[23].(new|exported)'")).toBe("r2.exported\nr3.exported");
  });

  test("is promoted once, also by its unit", () => {
    expect(start()).toMatchObject({ status: 0 });
    expect(start("--boot")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(told()).toBe("");
  });

  test("gets back a volume that somebody has demoted, also by its unit", () => {
    machine.ok("drbdadm secondary r3");
    told();
    expect(start("--boot")).toMatchObject({ status: 0 });
    expect(told()).toBe("primary r3");
  });

  test("keeps what it has when a volume that is new to it cannot follow", () => {
    machine.ok("drbdadm secondary r3 && touch /run/drbd/r3.stuck");
    expect(start()).toMatchObject({ status: 1, stderr: expect.stringContaining("volume r3 did not become Primary") });
    machine.ok("rm /run/drbd/r3.stuck");
    expect(roles()).toEqual(["Primary", "Secondary"]);
    expect(where()).toBe("serving");
    expect(start()).toMatchObject({ status: 0 });
    expect(roles()).toEqual(["Primary", "Primary"]);
  });

  test("is not configured anew as one with a VIP while it runs, nor the other way round", () => {
    const withVip = documentOf("main").replaceAll("main", "bare").replaceAll("r0", "r2").replaceAll("drbd0", "drbd2");
    for (const check of [["--check"], []])
      expect(machine.guest("group-configure.sh", ["bare", ...check], withVip)).toMatchObject({
        status: 3,
        stderr: expect.stringContaining("group bare runs here, and its address would change: > VIP=10.20.0.10"),
      });
    expect(machine.guest("group-configure.sh", ["bare", "--check"], documentOf("bare"))).toMatchObject({
      status: 0,
      stdout: "serving\n",
    });
  });

  test("starts and stops beside one that is served, which notices nothing", () => {
    expect(machine.guest("group-start.sh", ["main"])).toMatchObject({ status: 0 });
    const served = () => machine.ok("ss -Hltn | awk '{ print $4 }'; cat /run/kvm-mirror-nbd-main.pid");
    const before = served();
    expect(before).toContain("10.20.0.10:10809");
    told();
    expect(stop()).toEqual({ status: 0, stdout: "", stderr: "group-stop.sh: group bare is stopped here\n" });
    expect(told()).toBe("secondary r2\nsecondary r3");
    expect(where()).toBe("idle");
    expect(state().groups).toMatchObject([
      { name: "bare", enabled: false },
      { name: "main", vip: true, enabled: true, nbd: true },
    ]);
    expect(served()).toBe(before);
    expect(stop()).toMatchObject({ status: 0 });
    expect(told()).toBe("");
    expect(start()).toMatchObject({ status: 0 });
    expect(stop("--unit")).toMatchObject({ status: 0 });
    expect(where()).toBe("waiting");
    expect(stop()).toMatchObject({ status: 0 });
    expect(served()).toBe(before);
    expect(machine.guest("group-stop.sh", ["main"])).toMatchObject({ status: 0 });
  });

  test.each([
    ["the peer is Primary", "Connected Secondary Primary UpToDate UpToDate", "volume r2 is Primary on the peer"],
    ["its copy is old", "Connected Secondary Secondary Outdated UpToDate", "volume r2 is not UpToDate here"],
  ])("is not started while %s", (_, seen, words) => {
    machine.ok(`drbdadm state r2 ${seen}`);
    told();
    expect(start()).toMatchObject({ status: 3, stderr: expect.stringContaining(words) });
    expect(told()).toBe("");
    expect(where()).toBe("idle");
    volumes(whole);
  });

  test("is taken over in the moment that the peer lets go", () => {
    volumes("Connected Secondary Primary UpToDate UpToDate");
    const taking = machine.sh(
      `mkfifo /run/hold; exec 3<>/run/hold; : >/run/said
      bash $GUEST_SCRIPTS/placement/group-start.sh bare --take-over <&3 >/run/said & taking=$!
      for i in $(seq 300); do [ "$(cat /run/said)" = waiting ] && break; sleep 0.1; done; cat /run/said
      for volume in r2 r3; do drbdadm state $volume ${whole}; done; wait $taking`,
    );
    expect(taking).toEqual({
      status: 0,
      stdout: "waiting\n",
      stderr: "group-start.sh: group bare is Primary here: r2 r3\n",
    });
    expect(roles()).toEqual(["Primary", "Primary"]);
    expect(stop("--hand-over")).toMatchObject({ status: 0 });
  });

  test("stays with the peer when the switch is called off", () => {
    volumes("Connected Secondary Primary UpToDate UpToDate");
    told();
    expect(machine.sh("bash $GUEST_SCRIPTS/placement/group-start.sh bare --take-over </dev/null")).toMatchObject({
      status: 3,
      stdout: "waiting\n",
      stderr: expect.stringContaining("group bare does not move: the switch was called off"),
    });
    expect(told()).toBe("");
    expect(where()).toBe("idle");
  });

  test("is promoted when the peer is off", () => {
    volumes("WFConnection Secondary Unknown UpToDate DUnknown");
    expect(start("--peer-fenced", "the-peer")).toMatchObject({ status: 0 });
    expect(roles()).toEqual(["Primary", "Primary"]);
    expect(stop()).toMatchObject({ status: 0 });
    volumes(whole);
  });

  test("leaves no volume Primary when no record can keep a preload away", () => {
    machine.ok(
      "mount -t tmpfs none /var/lib/kvm-mirror && touch /var/lib/kvm-mirror/r3.new && " +
        "mount -o remount,ro /var/lib/kvm-mirror",
    );
    try {
      expect(start()).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(
          /later preload would write over the volume.*that were promoted for it are demoted again: /s,
        ),
      });
    } finally {
      machine.ok("umount /var/lib/kvm-mirror");
    }
    expect(roles()).toEqual(["Secondary", "Secondary"]);
    expect(where()).toBe("idle");
  });

  test("does not start at boot when it was stopped while its boot waited for the peer", () => {
    expect(start()).toMatchObject({ status: 0 });
    expect(stop("--unit")).toMatchObject({ status: 0 });
    volumes("WFConnection Secondary Unknown UpToDate DUnknown");
    told();
    const boot = machine.sh(
      `: >/run/said; bash $GUEST_SCRIPTS/placement/group-start.sh bare --boot 2>/run/said & boot=$!
      for i in $(seq 300); do grep -q waits /run/said && break; sleep 0.1; done
      bash $GUEST_SCRIPTS/placement/group-stop.sh bare
      for volume in r2 r3; do drbdadm state $volume ${whole}; done
      status=0; wait $boot || status=$?; cat /run/said; exit $status`,
    );
    expect(boot).toMatchObject({ status: 3, stdout: expect.stringContaining("group bare was stopped here meanwhile") });
    expect(told()).toBe("");
    expect(where()).toBe("idle");
  });

  test("is none that has servers and no address for them", () => {
    machine.ok("cp /etc/kvm-mirror/bare.env /run/kept && sed -i s/NBD=no/NBD=yes/ /etc/kvm-mirror/bare.env");
    expect(start()).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("/etc/kvm-mirror/bare.env is incomplete: it must name VIP,"),
    });
    machine.ok("cp /run/kept /etc/kvm-mirror/bare.env");
  });

  test("ends nobody's sessions, and is removed like any other", () => {
    expect(machine.guest("end-sessions.sh", ["bare", "10.20.0.2"])).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(start()).toMatchObject({ status: 0 });
    expect(machine.guest("group-remove.sh", ["bare"])).toMatchObject({ status: 0 });
    expect(roles()).toEqual(["Secondary", "Secondary"]);
    expect(machine.ok("ls /etc/kvm-mirror")).toBe("main.env\nmain.exports");
  });
});
