/** A primary whose data disk answers nothing: what the cluster hears of it, from the agent of the group's exports. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { renderGroupDocument } from "../../src/render/placement/groupDocument.ts";
import { groupOf, planOf } from "../unit/render/sample.ts";
import { Machine } from "./machine.ts";
import { processesOf } from "./processes.ts";

const plan = planOf();
const whole = "Connected Primary Secondary UpToDate UpToDate";
const program =
  "env OCF_RESKEY_group=main OCF_RESKEY_disk_timeout=30 OCF_CHECK_LEVEL=10 " +
  "bash $GUEST_SCRIPTS/ocf/exports monitor";
let machine: Machine;
let disks: readonly string[];

const states = (r0: string, r1 = r0) => machine.ok(`drbdadm state r0 ${r0} && drbdadm state r1 ${r1}`);
/** What watch-writes.sh has seen: `VOLUME WHERE MS` without a write that ended. `ago`: seconds. */
const seen = (waits: readonly string[], ago = 0) =>
  machine.ok(
    `read -r up _ </proc/uptime; { echo $((\${up%.*} - ${ago})); cat; } >/run/kvm-mirror/writes`,
    waits.map((words) => `${words.replace(/ (\d+)$/, " 60000 10 500 $1")}\n`).join(""),
  );
/** The kernel's counters of a disk: milliseconds that its writes took, and how many of them wait, and of its reads. */
const counters = (at: number, ms: number, waiting: number, reading = 0) =>
  machine.ok(
    `mkdir -p /sys/block/${disks[at]} && cd /sys/block/${disks[at]} && echo ${reading} ${waiting} >inflight
     echo "9 0 72 30 50 0 160 ${ms} ${waiting} 100 3750" >stat`,
  );
const look = () => machine.sh(program);
const silent = { status: 0, stdout: "", stderr: "" };
const hangs = ["r0 disk 24000", "r0 volume 22000", "r1 disk 0", "r1 volume 0"];

beforeAll(async () => {
  machine = await Machine.start();
  machine.ok("ip link add storage0 type bridge && ip link set storage0 up && ip addr add 10.20.0.11/24 dev storage0");
  disks = ["r0", "r1"].map((volume, minor) => machine.volume(volume, minor).replace("/dev/", ""));
  const configured = machine.guest("group-configure.sh", ["main"], renderGroupDocument(groupOf(plan), plan.volumes));
  if (configured.status !== 0) throw new Error(configured.stderr);
  machine.ok("mkdir -p /run/kvm-mirror; mount -t tmpfs none /sys/block");
});
afterAll(() => machine?.stop());
beforeEach(() => {
  states(whole);
  counters(0, 700, 3);
  counters(1, 300, 0);
  seen(hangs, 8);
});

test("a disk that ends no write for disk_timeout, while clients wait for it, is a failure with its reason", () => {
  const why = "the data disk of volume r0 has answered nothing for 30 s";
  expect(look()).toEqual({ status: 1, stdout: "", stderr: `exports: group main: ${why}\nocf-exit-reason:${why}\n` });
});

// As it was seen: the reads of a comparison wait for the disk, and a client's write waits for them.
test("a comparison of the copies is no reason to wait, nor is a disk of which reads alone wait", () => {
  states("VerifyT Primary Secondary UpToDate UpToDate");
  counters(0, 700, 0, 30);
  expect(look()).toMatchObject({ status: 1 });
});

describe("no failure:", () => {
  test.each<[string, () => void]>([
    ["it hangs for less", () => seen(["r0 disk 15000", "r0 volume 30000"], 8)],
    ["no client waits", () => seen(["r0 disk 60000", "r0 volume 0"], 8)],
    ["clients wait for something else", () => seen(["r0 disk 0", "r0 volume 60000"], 8)],
    ["nobody has looked of late", () => seen(["r0 disk 60000", "r0 volume 60000"], 26)],
    ["nobody looks", () => machine.ok("rm /run/kvm-mirror/writes")],
    ["what was seen is cut off", () => machine.ok("printf 'r0 disk' >/run/kvm-mirror/writes")],
    ["the volume is another group's", () => seen(["r9 disk 60000", "r9 volume 60000"])],
    ["nothing waits any more", () => counters(0, 700, 0)],
    ["the disk is gone", () => machine.ok(`rm -r /sys/block/${disks[0]}`)],
    ["the peer is lost", () => states("WFConnection Primary Unknown UpToDate DUnknown")],
    ["the peer's copy is not whole", () => states("SyncSource Primary Secondary UpToDate Inconsistent")],
    [
      "the peer lacks another volume of this mirror",
      () => states(whole, "Connected Primary Secondary UpToDate Diskless"),
    ],
  ])("%s", (_, plays) => {
    plays();
    expect(look()).toEqual(silent);
  });

  test("a write ends at the last look", () => {
    machine.ok(`( sleep 1; echo "9 0 72 30 51 0 160 900 3 100 3750" >/sys/block/${disks[0]}/stat ) >/dev/null 2>&1 &`);
    expect(look()).toEqual(silent);
  });
});

test("whatever else goes wrong is no failure of this look: that would have the mirror turned off", () => {
  machine.ok("cp -r $GUEST_SCRIPTS /run/scripts");
  const half = program.replace("$GUEST_SCRIPTS", "/run/scripts");
  for (const library of ["monitoring/lib/write-times.sh", "placement/lib/agent.sh"]) {
    machine.ok(`rm /run/scripts/${library}`);
    expect(machine.sh(half)).toMatchObject({ status: 0, stderr: expect.stringContaining("No such file") });
  }
  expect(machine.sh(half.replace("OCF_CHECK_LEVEL=10", "")).status).toBe(1);
  expect(machine.sh(program.replace("group=main", "group=gone"))).toEqual(silent);
  expect(machine.sh(program.replace("OCF_RESKEY_disk_timeout=30", "")).status).toBe(0);
});

test("a look at disks that answer starts no process", async () => {
  seen(["r0 disk 0", "r0 volume 0"]);
  expect(await processesOf(machine, program)).toMatchObject({ outcome: { status: 0 }, by: {} });
});

test("the other look at the exports says nothing of disks", () => {
  expect(machine.sh("OCF_RESKEY_group=main bash $GUEST_SCRIPTS/ocf/exports monitor")).toEqual({ ...silent, status: 7 });
});
