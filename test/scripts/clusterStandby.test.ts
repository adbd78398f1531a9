import { hostname } from "node:os";
import { beforeEach, describe, expect, test } from "vitest";
import { peer, playedCluster } from "./playedCluster.ts";

const at = playedCluster();
const standby = (mirror: string, wanted: "on" | "off") => at.machine.guest("cluster-standby.sh", [mirror, wanted, "1"]);
const mark = "crm_attribute --type nodes --node the-peer --name standby";
/** The exports run on the peer. */
const servedThere = () => at.machine.ok("cd /run/cluster; echo Started >role; echo the-peer >at");

beforeEach(() => {
  at.cluster(true, peer.member);
  at.machine.ok("drbdadm state r0 Connected Secondary Primary UpToDate UpToDate");
});

describe("cluster-standby.sh on", () => {
  test("has a mirror left alone, and waits until its exports have started elsewhere; twice is once", () => {
    servedThere();
    expect(standby("the-peer", "on")).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("the-peer runs nothing any more"),
    });
    expect(at.machine.ok("cd /run/cluster; cat role at")).toBe(`Started\n${hostname()}`);
    expect(standby("the-peer", "on")).toMatchObject({ status: 0 });
    expect(at.calls()).toEqual([`${mark} --update on`]);
  });

  test("fails, and says what the cluster shows, when the exports start nowhere", () => {
    servedThere();
    at.machine.ok("touch /run/cluster/stuck");
    expect(standby("the-peer", "on")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("the-peer is not drained after 4 s; crm_mon says:"),
    });
  });

  test.each([
    ["a mirror that there is not", "mirror-x", "true", "the cluster knows no mirror mirror-x"],
    [
      "the only member",
      hostname(),
      `echo '${peer.fenced}' >/run/cluster/peer`,
      "no other mirror is a member of the cluster",
    ],
    [
      "a mirror whose peer lacks something",
      "the-peer",
      "drbdadm state r0 SyncTarget Secondary Primary Inconsistent UpToDate",
      "volume r0 is not UpToDate on both mirrors",
    ],
    ["one of a cluster that says nothing", "the-peer", "touch /run/cluster/silent", "Pacemaker does not answer"],
  ])("does not take away %s", (_, mirror, how, why) => {
    at.machine.ok(how);
    const { status, stderr } = standby(mirror, "on");
    expect(stderr).toContain(why);
    expect(status).not.toBe(0);
    expect(at.calls()).toEqual([]);
  });

  test("takes away a mirror that has lost its disk, asked here or there, and never the one that has the data", () => {
    const takeAway = (mirror: string, disks: string) => {
      at.machine.ok(`drbdadm state r0 Connected Secondary Primary ${disks}`);
      return standby(mirror, "on");
    };
    expect(takeAway("the-peer", "Diskless UpToDate")).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("volume r0 is not UpToDate on both mirrors"),
    });
    expect(takeAway(hostname(), "UpToDate Diskless")).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("volume r0 is not UpToDate on both mirrors"),
    });
    expect(at.calls()).toEqual([]);
    expect(takeAway("the-peer", "UpToDate Diskless")).toMatchObject({ status: 0 });
    expect(at.calls()).toEqual([`${mark} --update on`]);
  });

  test("refuses while the third vote is missing: the other mirror would stop", () => {
    at.withThirdVote("Connect failed", () =>
      expect(standby("the-peer", "on")).toMatchObject({
        status: 3,
        stderr: expect.stringContaining("the other one has no quorum, and stops"),
      }),
    );
    expect(at.calls()).toEqual([]);
    at.withThirdVote("Connected", () => expect(standby("the-peer", "on")).toMatchObject({ status: 0 }));
  });
});

describe("cluster-standby.sh off", () => {
  test("lets a mirror run groups again, once its volumes are UpToDate", () => {
    expect(standby("the-peer", "on")).toMatchObject({ status: 0 });
    expect(standby("the-peer", "off")).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("the-peer may run groups again"),
    });
    expect(standby("the-peer", "off")).toMatchObject({ status: 0 });
    expect(at.calls()).toEqual([`${mark} --update on`, `${mark} --delete`, `${mark} --delete`]);
  });

  test("says what is missing of a mirror that does not come back", () => {
    at.machine.ok("drbdadm state r0 WFConnection Primary Unknown UpToDate DUnknown");
    expect(standby("the-peer", "off")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("the-peer is not back after 4 s: volume r0 is not UpToDate on both mirrors"),
    });
  });
});
