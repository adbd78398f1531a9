import { beforeEach, describe, expect, test } from "vitest";
import { peer, playedCluster } from "./playedCluster.ts";

const at = playedCluster();
const pause = (owner = "main-1") => at.machine.guest("cluster-pause.sh", [owner]);
const resume = (owner = "main-1") => at.machine.guest("cluster-resume.sh", [owner, "1"]);
const clock = (owner: string) => `kvm-mirror-cluster-resume@${owner}.timer`;
const looks = ["crm_resource --refresh --resource exports-main", "crm_resource --wait --timeout 1"];
/** Whether Pacemaker, by its own reading of its configuration, is in maintenance mode. */
const asleep = () =>
  /maintenance-mode="true"/.test(
    at.machine.ok("CIB_file=/run/cluster/cib.xml /usr/sbin/crm_mon.real --output-as=xml --inactive"),
  );
const byHand = (words: string) => at.machine.ok(`crm_attribute --type crm_config --name maintenance-mode ${words}`);
/** Whose clocks are set, also for the time after a reboot. */
const clocks = () =>
  at.machine
    .ok("ls /etc/systemd/system/multi-user.target.wants | grep cluster-resume || true")
    .split("\n")
    .filter(Boolean);
const commands = () => at.machine.ok("grep cluster-resume /run/units/commands || true").split("\n").filter(Boolean);
/** Another operator asks for the pause, and waits: what the script has said is in /run/other. */
const pauseMeanwhile = (owner: string) =>
  at.machine.ok(`rm -f /run/other /run/other.status
  (bash $GUEST_SCRIPTS/placement/cluster-pause.sh ${owner} 2>/run/other; echo $? >/run/other.status) >/dev/null 2>&1 &
  for i in $(seq 300); do grep -qs . /run/other && exit; sleep 0.1; done; exit 1`);
const paused = () =>
  at.machine.ok(
    "for i in $(seq 300); do [ -s /run/other.status ] && exec cat /run/other.status; sleep 0.1; done; exit 1",
  );

beforeEach(() => {
  at.cluster(true, peer.member);
  at.machine.ok(
    "mkdir -p /run/units; : >/run/units/commands; rm -f /run/units/no-clocks " +
      "/etc/systemd/system/multi-user.target.wants/*cluster-resume*; echo Started >/run/cluster/role",
  );
});

describe("cluster-pause.sh", () => {
  test("sets its owner's clock before it pauses the cluster, also for after a reboot; twice sets it anew", () => {
    for (const _ of ["once", "twice"])
      expect(pause()).toMatchObject({
        status: 0,
        stderr: expect.stringContaining("starts and stops nothing for 300 s at most"),
      });
    expect(asleep()).toBe(true);
    expect(commands()).toEqual([`restart ${clock("main-1")}`, `restart ${clock("main-1")}`]);
    expect(clocks()).toEqual([clock("main-1")]);
    expect(
      at.machine.ok(
        `readlink /etc/systemd/system/multi-user.target.wants/${clock("main-1")}; grep -h OnActiveSec ` +
          `$GUEST_SCRIPTS/systemd/${clock("")}; grep ^readonly.longest $GUEST_SCRIPTS/placement/lib/pause.sh`,
      ),
    ).toBe(`/etc/systemd/system/${clock("")}\nOnActiveSec=300\nreadonly longest_pause=300`);
  });

  test("pauses nothing when nobody would wake it", () => {
    at.machine.ok("touch /run/units/no-clocks");
    expect(pause()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("systemd did not start the timer that would resume the cluster"),
    });
    expect(asleep()).toBe(false);
  });

  test.each([
    [
      "only one mirror is a member",
      `echo '${peer.fenced}' >/run/cluster/peer`,
      "not both mirrors are members of the cluster",
    ],
    [
      "a mirror is in standby",
      `echo '${peer.member.replace('standby="false"', 'standby="true"')}' >/run/cluster/peer`,
      "the-peer is in standby",
    ],
    ["Pacemaker says nothing", "touch /run/cluster/silent", "Pacemaker does not answer on this mirror"],
    [
      "somebody has paused it by hand",
      "crm_attribute --type crm_config --name maintenance-mode --update true",
      "the cluster is paused by hand (maintenance-mode)",
    ],
  ])("refuses while %s", (_, how, why) => {
    at.machine.ok(how);
    expect(pause()).toMatchObject({ status: 3, stderr: expect.stringContaining(why) });
    expect([at.calls(), clocks()]).toEqual([[], []]);
  });

  test("wants a name", () => expect(at.machine.guest("cluster-pause.sh", ["main;id"])).toMatchObject({ status: 2 }));
});

describe("two switches at the same time", () => {
  test("the second one waits for the first one's end, and nobody but itself ends its own", () => {
    expect(pause("main-1")).toMatchObject({ status: 0 });
    pauseMeanwhile("other-2");
    expect(at.machine.ok("cat /run/other")).toContain(
      "waiting for the planned switch main-1: it has paused the cluster",
    );
    expect(resume("main-1")).toMatchObject({ status: 0 });
    expect(paused()).toBe("0");
    // The first one's words at the other mirror, and its clock there, come late.
    for (const _ of ["operator", "clock"])
      expect(resume("main-1")).toMatchObject({
        status: 0,
        stderr: expect.stringContaining("the pause of main-1 is over; that of other-2 goes on"),
      });
    expect([asleep(), clocks()]).toEqual([true, [clock("other-2")]]);
    expect(resume("other-2")).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("the cluster is resumed; every group runs"),
    });
    expect([asleep(), clocks()]).toEqual([false, []]);
  });

  test("of several that ask at once, one has it", () => {
    const ask = (owner: string) =>
      `bash $GUEST_SCRIPTS/placement/cluster-pause.sh ${owner} 2>/dev/null && echo ${owner} &`;
    const owners = ["main-1", "other-2", "third-3"];
    const has = at.machine.sh(`${owners.map(ask).join("\n")}\nwait -n; pkill -f cluster-pause.sh`).stdout.trim();
    expect(owners).toContain(has);
    expect(
      at.machine.ok(
        "bash -c '. $GUEST_SCRIPTS/lib/base.sh; . $GUEST_SCRIPTS/lib/at-boot.sh; cd $GUEST_SCRIPTS/placement/lib; " +
          ". ./cluster.sh; . ./pause.sh; read_pause; echo $pause_owner'",
      ),
    ).toBe(has);
  });

  test("the pause of an operator who was killed ends by its clock, and the next one has it then", () => {
    expect(pause("main-1")).toMatchObject({ status: 0 });
    pauseMeanwhile("other-2");
    const line = at.machine.ok(`sed -n 's/^ExecStart=//p' $GUEST_SCRIPTS/systemd/kvm-mirror-cluster-resume@.service`);
    expect(line).toBe("/usr/local/lib/kvm-mirror/cluster-resume.sh %i 120");
    expect(at.machine.guest("cluster-resume.sh", line.replace("%i", "main-1").split(" ").slice(1))).toMatchObject({
      status: 0,
    });
    expect(paused()).toBe("0");
    expect(asleep()).toBe(true);
  });
});

describe("cluster-resume.sh", () => {
  beforeEach(() => {
    expect(pause()).toMatchObject({ status: 0 });
    at.machine.ok("rm /run/cluster/calls");
  });

  test("has the cluster look where everything is before it wakes, and stops the clock; twice is once", () => {
    expect(resume()).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("the cluster is resumed; every group runs"),
    });
    expect(at.calls()).toEqual([...looks, "cibadmin --delete", "cibadmin --delete"]);
    expect([asleep(), clocks()]).toEqual([false, []]);
    expect(resume()).toMatchObject({ status: 0, stderr: expect.stringContaining("the pause of main-1 is over") });
    expect(at.calls()).toHaveLength(4);
    expect(pause("next-2")).toMatchObject({ status: 0 });
  });

  test("leaves the clock alone while Pacemaker does not say whether it sleeps: it may", () => {
    at.machine.ok("touch /run/cluster/silent");
    expect(resume()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("Pacemaker does not say whether the cluster is paused"),
    });
    expect(clocks()).toEqual([clock("main-1")]);
  });

  test("says which group does not run afterwards", () => {
    at.machine.ok("cd /run/cluster; echo Stopped >role; touch stuck");
    expect(resume()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("after 1 s these groups do not run: main"),
    });
    expect([asleep(), clocks()]).toEqual([false, []]);
  });

  test("does not end what an operator has set by hand meanwhile", () => {
    byHand("--update true");
    expect(resume()).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("The cluster stays paused: somebody set maintenance-mode by hand"),
    });
    expect([asleep(), clocks()]).toEqual([true, []]);
    expect(pause("next-2")).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("the cluster is paused by hand"),
    });
    byHand("--delete");
    expect(pause("next-2")).toMatchObject({ status: 0 });
    expect(asleep()).toBe(true);
  });

  test("takes an end by hand for an end", () => {
    byHand("--delete");
    expect(resume()).toMatchObject({ status: 0, stderr: expect.stringContaining("every group runs") });
    expect(pause("next-2")).toMatchObject({ status: 0 });
  });

  test("refuses on a mirror that is in no cluster", () => {
    at.machine.ok("mv /etc/kvm-mirror/cluster /etc/kvm-mirror/cluster.away");
    const refused = resume();
    at.machine.ok("mv /etc/kvm-mirror/cluster.away /etc/kvm-mirror/cluster");
    expect(refused).toMatchObject({ status: 3, stderr: expect.stringContaining("this mirror is in no cluster") });
  });
});
