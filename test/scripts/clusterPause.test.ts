import { beforeEach, describe, expect, test } from "vitest";
import { peer, playedCluster } from "./playedCluster.ts";

const at = playedCluster();
const pause = () => at.machine.guest("cluster-pause.sh", ["300"]);
const resume = () => at.machine.guest("cluster-resume.sh", ["1"]);
const clock = "systemd-run --quiet --collect --unit kvm-mirror-cluster-resume --on-active 300 /usr/local/lib/kvm-mirror/cluster-resume.sh 120";
const mode = "crm_attribute --type crm_config --name maintenance-mode";
const looks = ["crm_resource --refresh --resource exports-main", "crm_resource --wait --timeout 1"];
/** How often the clock was stopped. */
const stopped = () => at.machine.ok("grep -cx 'stop kvm-mirror-cluster-resume.timer' /run/units/commands || true");

beforeEach(() => {
  at.cluster(true, peer.member);
  at.machine.ok("mkdir -p /run/units; : >/run/units/commands; echo Started >/run/cluster/role");
});

describe("cluster-pause.sh", () => {
  test("sets the clock that wakes the cluster before it pauses it; twice sets it anew", () => {
    for (const _ of ["once", "twice"]) expect(pause()).toMatchObject({ status: 0, stderr: expect.stringContaining("starts and stops nothing for 300 s at most") });
    expect(at.calls()).toEqual([clock, `${mode} --update true`, clock, `${mode} --update true`]);
    expect(stopped()).toBe("2");
  });

  test("pauses nothing when nobody would wake it", () => {
    at.machine.ok("touch /run/cluster/no-timer");
    expect(pause()).toMatchObject({ status: 1, stderr: expect.stringContaining("systemd-run, which would wake the cluster again, failed") });
    expect(at.calls()).toEqual([clock]);
  });

  test.each([
    ["only one mirror is a member", `echo '${peer.fenced}' >/run/cluster/peer`, "not both mirrors are members of the cluster"],
    ["a mirror is in standby", `echo '${peer.member.replace('standby="false"', 'standby="true"')}' >/run/cluster/peer`, "the-peer is in standby"],
    ["Pacemaker says nothing", "touch /run/cluster/silent", "Pacemaker does not answer on this mirror"],
  ])("refuses while %s", (_, how, why) => {
    at.machine.ok(how);
    expect(pause()).toMatchObject({ status: 3, stderr: expect.stringContaining(why) });
    expect(at.calls()).toEqual([]);
  });

  test("wants a number of seconds", () => expect(at.machine.guest("cluster-pause.sh", ["soon"])).toMatchObject({ status: 2 }));
});

describe("cluster-resume.sh", () => {
  test("has the cluster look where everything is before it wakes, and stops the clock; twice is once", () => {
    at.machine.ok("echo true >/run/cluster/paused");
    for (const _ of ["once", "twice"]) expect(resume()).toMatchObject({ status: 0, stderr: expect.stringContaining("the cluster is awake; every group runs") });
    expect(at.calls()).toEqual([...looks, `${mode} --delete`]);
    expect(stopped()).toBe("2");
  });

  test("leaves the clock alone while Pacemaker does not say whether it sleeps: it may", () => {
    at.machine.ok("cd /run/cluster; echo true >paused; touch silent");
    expect(resume()).toMatchObject({ status: 1, stderr: expect.stringContaining("Pacemaker does not wake") });
    expect(stopped()).toBe("0");
  });

  test("says which group does not run afterwards", () => {
    at.machine.ok("cd /run/cluster; echo true >paused; echo Stopped >role; touch stuck");
    expect(resume()).toMatchObject({ status: 1, stderr: expect.stringContaining("not every group runs after 1 s: main") });
    expect(at.calls()).toContain(`${mode} --delete`);
  });

  test("refuses on a mirror that is in no cluster", () => {
    at.machine.ok("mv /etc/kvm-mirror/cluster /etc/kvm-mirror/cluster.away");
    const refused = resume();
    at.machine.ok("mv /etc/kvm-mirror/cluster.away /etc/kvm-mirror/cluster");
    expect(refused).toMatchObject({ status: 3, stderr: expect.stringContaining("this mirror is in no cluster") });
  });
});
