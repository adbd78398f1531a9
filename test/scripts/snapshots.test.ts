import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { resourceFile } from "./machine.ts";
import { playedLvm } from "./playedLvm.ts";

const played = playedLvm();
const sh = (command: string): string => played.machine.ok(command);
const tools = ["lvcreate", "lvs", "lvremove", "lvconvert", "drbdadm"];
const MiB = 1024 ** 2;
const since = "A5A5A5A5A5A5A5A4:0000000000000000:1111111111111110:0000000000000000";

/** A script with the played tools before the others; `drbd` is in its environment as DRBD's helper has it. */
const run = (script: string, args: readonly (string | number)[], drbd = "") =>
  played.machine.sh(`${drbd} PATH=/run/played:$PATH bash $GUEST_SCRIPTS/backing/${script} ${args.join(" ")}; exit $?`);
const handler = "DRBD_RESOURCE=r0 DRBD_MINOR=0";
const before = (room = 64 * MiB) => run("snapshot-before-sync.sh", [room], handler);
const after = () => run("snapshot-after-sync.sh", [], handler);
/** What /proc/drbd says of r0. */
const drbd = (state: string, oosKiB = 0) =>
  played.machine.ok(
    "cat >/run/drbd/proc",
    `version: 8.4.11 (api:1/proto:86-101)\n 0: cs:${state} C r-----\n    ns:0 nr:0 dw:0 dr:0 oos:${oosKiB}\n`,
  );
const beginning = "WFSyncUUID ro:Secondary/Primary ds:Outdated/UpToDate";
const snapshots = () =>
  sh("cd /run/snapshots; for f in *.is; do [ ! -e $f ] || echo ${f%.is} $(cut -d' ' -f1 $f); done");
const why = () => sh("cat /run/kvm-mirror/no-snapshot/r0 2>/dev/null || true");
const journal = () => sh("cat /run/journal.snapshot 2>/dev/null || true");
const gi = (name: string) => sh(`drbdmeta 0 v08 /dev/kvm-mirror/${name} internal get-gi </dev/null`);
const setGi = (flags: string) =>
  sh(`drbdmeta --force 0 v08 /dev/kvm-mirror/r0 internal set-gi ${since}:${flags} </dev/null >&2`);
const head = (name = "r0") => sh(`head -c 8 /dev/kvm-mirror/${name}`);
const write = (text: string) => sh(`printf '%s' '${text}' | dd of=/dev/kvm-mirror/r0 conv=notrunc,fsync status=none`);

const detachAll = () => sh("touch /run/snapshot-loops; xargs -r losetup --detach </run/snapshot-loops");
afterAll(detachAll);

beforeEach(() => {
  detachAll();
  sh(`rm -rf /run/snapshot-loops /run/snapshots /run/kvm-mirror /run/played /run/journal.snapshot
    rm -f /dev/kvm-mirror/before-sync.*
    mkdir -p /run/snapshots /run/played; drbdadm forget r0`);
  played.machine.ok(
    `cat >/run/played/tool; chmod 755 /run/played/tool
    for t in ${tools.join(" ")}; do ln -s tool /run/played/$t; done`,
    readFileSync(join(import.meta.dirname, "playedSnapshots.sh"), "utf8"),
  );
  played.machine.ok(
    "cat >/run/played/logger; chmod 755 /run/played/logger",
    "#!/bin/bash\nexec cat >>/run/journal.snapshot\n",
  );
  played.freshDisk(128);
  played.group();
  played.volume("r0", 16);
  played.machine.guest("drbd-configure.sh", ["r0"], resourceFile(hostname(), "r0", 0, "/dev/kvm-mirror/r0"));
  expect(played.machine.guest("drbd-create-metadata.sh", ["r0", "--disk", "1"])).toMatchObject({ status: 0 });
  write("as it was");
});

describe("before a synchronisation", () => {
  test("a copy is kept, with room for what is copied, half of that and 16 MiB", () => {
    drbd(beginning, 9000);
    expect(before()).toMatchObject({ status: 0 });
    // 9000 KiB * 1.5 + 16 MiB, in extents of 4 MiB.
    expect([snapshots(), why()]).toEqual([`r0 ${32 * MiB}`, ""]);
    expect(journal()).toContain(
      "volume r0: its copy as it is before 9 MiB are copied over it is kept as before-sync.r0",
    );
    write("new data");
    expect(head("before-sync.r0")).toBe("as it wa");
  });

  test.each([
    ["is a mixture already", beginning.replace("Outdated", "Inconsistent"), 9000],
    ["differs in nothing", beginning, 0],
  ])("nothing is done where it %s", (_, state, oos) => {
    drbd(state, oos);
    expect(before()).toMatchObject({ status: 0 });
    expect([snapshots(), why()]).toEqual(["", ""]);
  });

  test("as much is taken as there is room for, and a snapshot that would run full for certain is none", () => {
    drbd(beginning, 9000);
    expect(before(12 * MiB)).toMatchObject({ status: 0 });
    expect(snapshots()).toBe(`r0 ${12 * MiB}`);
    sh("echo $((12 << 20)) 1000 0 >/run/snapshots/other.is; rm /run/snapshots/r0.is");
    expect(before(20 * MiB)).toMatchObject({ status: 0 });
    expect([snapshots(), why()]).toEqual([
      `other ${12 * MiB}`,
      "9 MiB are to be copied, and 8 MiB of the volume group are left for snapshots " +
        "(kvm-mirror:backing.lvm.snapshotRoom)",
    ]);
    // What another synchronisation may get again.
    sh("rm /run/snapshots/other.is");
    expect(before()).toMatchObject({ status: 0 });
    expect([snapshots(), why()]).toEqual([`r0 ${32 * MiB}`, ""]);
  });

  test("what is free in the group is the limit, whatever the stack file allows", () => {
    played.volume("filler", 80);
    drbd(beginning, 16_000);
    expect(before(1024 * MiB)).toMatchObject({ status: 0 });
    expect(snapshots()).toBe(`r0 ${28 * MiB}`);
  });

  test("a connection that broke meanwhile finds its snapshot; an older one, or one that ran full, is made anew", () => {
    drbd(beginning, 9000);
    before();
    const is = (made: number, invalid = 0) => sh(`echo ${32 * MiB} ${made} ${invalid} | tee /run/snapshots/r0.is`);
    const recent = is(Number(sh("date +%s")) - 30);
    before();
    expect(sh("cat /run/snapshots/r0.is")).toBe(recent);
    for (const old of [is(1000), is(Number(sh("date +%s")) - 30, 1)]) {
      sh(`echo ${old} >/run/snapshots/r0.is`);
      before();
      expect(sh("cat /run/snapshots/r0.is")).toMatch(new RegExp(`^${32 * MiB} [0-9]{10} 0$`));
      expect(sh("cat /run/snapshots/r0.is")).not.toBe(old);
    }
  });

  test("no failure keeps DRBD from copying, and each is said", () => {
    drbd(beginning, 9000);
    sh("touch /run/snapshots/fails");
    expect(before()).toMatchObject({ status: 0 });
    expect(why()).toBe("it could not be made (journalctl -t kvm-mirror-snapshot)");
    expect(journal()).toMatch(/lvcreate --snapshot .* failed/);
    sh("rm /run/snapshots/fails; mkdir -p /run/kvm-mirror/lock");
    const held = played.machine.sh(
      `(flock 9; touch /run/held; sleep 30) 9>>/run/kvm-mirror/lock/volume-group & until [ -e /run/held ]; do :; done
      ${handler} PATH=/run/played:$PATH bash $GUEST_SCRIPTS/backing/snapshot-before-sync.sh ${64 * MiB}; status=$?
      kill %1; exit $status`,
    );
    expect(held).toMatchObject({ status: 0 });
    expect([snapshots(), why()]).toEqual(["", "it could not be made (journalctl -t kvm-mirror-snapshot)"]);
    expect(journal()).toContain("another script has been working on volume-group for 5 s");
  });
});

test("state.sh says what is kept, and why nothing is", () => {
  const said = () => {
    const state = sh("PATH=/run/played:$PATH bash $GUEST_SCRIPTS/machines/state.sh");
    return (JSON.parse(state) as { volumes: { snapshot: unknown }[] }).volumes[0]?.snapshot;
  };
  drbd(beginning, 9000);
  expect(said()).toBeNull();
  before();
  const made = Number(sh("cut -d' ' -f2 /run/snapshots/r0.is"));
  expect(said()).toEqual({ made, useless: null });
  sh("sed -i 's/0$/1/' /run/snapshots/r0.is");
  expect(said()).toEqual({ made, useless: "it ran full" });
  before(4 * MiB);
  expect(said()).toEqual({ made: null, useless: expect.stringContaining("4 MiB of the volume group are left") });
});

describe("after a synchronisation", () => {
  beforeEach(() => {
    drbd(beginning, 9000);
    before();
  });

  test("the snapshot of a copy that is whole goes, and of no other", () => {
    drbd("WFConnection ro:Secondary/Unknown ds:Inconsistent/DUnknown");
    expect(after()).toMatchObject({ status: 3 });
    expect(snapshots()).toBe(`r0 ${32 * MiB}`);
    drbd("Connected ro:Secondary/Primary ds:UpToDate/UpToDate");
    for (let time = 0; time < 2; time++) expect(after()).toMatchObject({ status: 0 });
    expect([snapshots(), head()]).toEqual(["", "as it wa"]);
  });

  test("a person may name a volume whose snapshot was left", () => {
    drbd("Connected ro:Secondary/Primary ds:UpToDate/UpToDate");
    expect(run("snapshot-after-sync.sh", ["r0"])).toMatchObject({ status: 0 });
    expect(snapshots()).toBe("");
  });

  test("a volume does not grow while its snapshot is kept, and is deleted with it", () => {
    expect(run("logical-volume.sh", ["r0", 24 * MiB, "--disk", 1])).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("does not grow while its snapshot before-sync.r0 is there"),
    });
    sh("rm /etc/drbd.d/r0.res");
    expect(run("logical-volume-delete.sh", ["r0", "delete-its-data"])).toMatchObject({ status: 0 });
    expect([snapshots(), played.volumes()]).toEqual(["", []]);
  });
});

describe("roll-back.sh", () => {
  const made = () => sh("cut -d' ' -f2 /run/snapshots/r0.is");
  const rollBack = (of = made()) => run("roll-back.sh", ["r0", of]);
  /** r0 as it is when its peer died in the middle of a synchronisation. */
  beforeEach(() => {
    setGi("1:0:0:1:0");
    drbd(beginning, 9000);
    before();
    write("new data");
    setGi("0:0:0:1:0");
    sh("drbdadm state r0 WFConnection Secondary Unknown Inconsistent DUnknown; mkdir -p /run/kvm-mirror/{lost,heard}");
    sh("echo 1764162131 >/run/kvm-mirror/lost/r0; touch /run/kvm-mirror/heard/r0");
  });

  test("gives the copy back what it had, outdated, and has all of it copied when the peer comes back", () => {
    expect(rollBack()).toMatchObject({ status: 0, stderr: expect.stringContaining("volume r0 is rolled back to 20") });
    expect([head(), snapshots(), gi("r0")]).toEqual(["as it wa", "", `${since}:1:0:0:0:1:0:0`]);
    expect(sh("cat /run/drbd/r0.state")).toBe("WFConnection Secondary Unknown Outdated DUnknown");
    // Nothing says any more when it lost its peer: it lacks writes of an earlier time.
    expect(sh("ls /run/kvm-mirror/lost /run/kvm-mirror/heard")).not.toContain("r0");
    expect(rollBack("1000")).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("is Outdated: it is no mixt"),
    });
  });

  test("goes on after an interruption at each step", () => {
    const steps = ["disconnect r0", "detach r0", "adjust r0"];
    const of = made();
    for (const step of steps) {
      sh(`mkdir -p /run/steps; printf '#!/bin/bash\\nif [[ "$*" == "${step}" && ! -e /run/steps/done ]]; then
        touch /run/steps/done; kill -KILL $PPID; exit 1; fi\\nexec /run/played/drbdadm "$@"\\n' >/run/steps/drbdadm
        chmod 755 /run/steps/drbdadm; rm -f /run/steps/done`);
      const script = `bash $GUEST_SCRIPTS/backing/roll-back.sh r0 ${of}`;
      expect(played.machine.sh(`PATH=/run/steps:/run/played:$PATH ${script}; exit $?`).status, step).toBe(137);
    }
    expect(rollBack(of)).toMatchObject({ status: 0 });
    expect([head(), gi("r0")]).toEqual(["as it wa", `${since}:1:0:0:0:1:0:0`]);
  });

  test.each<[string, () => unknown, string]>([
    ["a Primary", () => sh("drbdadm state r0 WFConnection Primary Unknown Inconsistent DUnknown"), "is Primary here"],
    [
      "a volume whose peer answers",
      () => sh("drbdadm state r0 SyncTarget Secondary Primary Inconsistent UpToDate"),
      "the peer of volume r0 answers",
    ],
    ["a snapshot that ran full", () => sh("sed -i 's/0$/1/' /run/snapshots/r0.is"), "ran full, and is of no use"],
    ["a mirror in a cluster", () => sh("mkdir -p /etc/kvm-mirror; touch /etc/kvm-mirror/cluster"), "a cluster promot"],
  ])("refuses %s", (_, prepare, message) => {
    prepare();
    const refused = rollBack();
    sh("rm -f /etc/kvm-mirror/cluster");
    expect(refused).toMatchObject({ status: 3, stderr: expect.stringContaining(message) });
    expect([head(), gi("before-sync.r0")]).toEqual(["new data", `${since}:1:0:0:1:0:0:0`]);
  });

  test("refuses another snapshot than the one that was confirmed, and none", () => {
    expect(rollBack("1000")).toMatchObject({ status: 3, stderr: expect.stringContaining("not of 1000. Look again") });
    sh("PATH=/run/played:$PATH lvremove --yes kvm-mirror/before-sync.r0");
    expect(rollBack("1000")).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("there is no snapshot of vol"),
    });
    expect(head()).toBe("new data");
  });
});
