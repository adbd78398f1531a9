import { hostname } from "node:os";
import { beforeEach, describe, expect, test } from "vitest";
import { peer, playedCluster } from "./playedCluster.ts";

const at = playedCluster();
const flags = (words: string) =>
  at.machine.ok(
    `drbdmeta 0 v08 ${at.disk} internal set-gi --force ` +
      `A5A5A5A5A5A5A5A4:0000000000000004:0:0:${words} >/dev/null </dev/null`,
  );

describe("cluster-confirm.sh", () => {
  const confirm = (mirror = "the-peer") => at.machine.guest("cluster-confirm.sh", [mirror, "1"]);
  beforeEach(() => void at.machine.ok("drbdadm state r0 WFConnection Secondary Unknown UpToDate DUnknown"));

  test("tells Pacemaker of a death that it waits for, and waits for the groups", () => {
    at.cluster(true, peer.missed);
    expect(confirm()).toMatchObject({ status: 0, stderr: expect.stringContaining("every group runs on") });
    expect(at.machine.ok("cat /run/cluster/role")).toBe("Started");
    expect(at.calls()).toEqual(["stonith_admin --confirm the-peer"]);
  });

  test("fails, and says what runs nowhere, when a group does not start", () => {
    at.cluster(true, peer.missed);
    at.machine.ok("touch /run/cluster/stuck");
    expect(confirm()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("after 4 s these groups do not run: main"),
    });
  });

  test.each([
    ["a mirror that is a member", peer.member, "the-peer", "does not wait for the death of the-peer"],
    [
      "one that is fenced already",
      peer.missed.replace('unclean="true"', 'unclean="false"'),
      "the-peer",
      "does not wait for the death of the-peer",
    ],
    ["one that there is not", peer.missed, "mirror-x", "the cluster knows no mirror mirror-x"],
    ["itself", peer.missed, hostname(), "is this mirror, and it runs"],
  ])("refuses the word about %s", (_, found, mirror, why) => {
    at.cluster(true, found);
    expect(confirm(mirror)).toMatchObject({ status: 3, stderr: expect.stringContaining(why) });
    expect(at.calls()).toEqual([]);
  });
});

describe("cluster-last-copy.sh", () => {
  const lastCopy = (mirror = "the-peer") => at.machine.guest("cluster-last-copy.sh", [mirror, "1"]);
  const word = [
    "corosync-cmapctl -s quorum.cancel_wait_for_all u8 1",
    "stonith_admin --confirm the-peer",
    "cibadmin --create",
  ];
  beforeEach(() => {
    at.cluster(false, peer.missed);
    flags("1:1:0:1:0:0:0");
    at.machine.ok("drbdadm forget r0; mkdir -p /run/drbd; touch /run/drbd/commands");
  });

  test("ends the waiting, tells of the death, vouches for the disk, and waits for the groups; twice is once", () => {
    expect(lastCopy()).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(
        /does not wait for the-peer any more[^]*volume r0: this copy counts as UpToDate[^]*every group runs on/,
      ),
    });
    expect(at.calls()).toEqual(word);
    // Who promotes it to stay is Pacemaker.
    expect(at.machine.ok("cat /run/drbd/proc")).toContain("ro:Secondary/Unknown ds:UpToDate/Outdated");
    expect(lastCopy()).toMatchObject({ status: 0 });
    expect(at.calls()).toEqual([...word, word[1]]);
  });

  test("goes on where one stopped that did not come to its end", () => {
    at.machine.ok("touch /run/cluster/stuck /run/drbd/r0.stuck");
    expect(lastCopy()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("volume r0 did not become Primary"),
    });
    at.machine.ok("rm /run/cluster/calls /run/drbd/r0.stuck");
    expect(lastCopy()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("after 4 s these groups do not run: main"),
    });
    at.machine.ok("rm /run/cluster/stuck");
    expect(lastCopy()).toMatchObject({ status: 0 });
    expect(at.calls()).toEqual([word[1], word[1]]);
  });

  test("leaves a disk alone that is UpToDate", () => {
    at.machine.ok("drbdadm state r0 WFConnection Secondary Unknown UpToDate Outdated");
    expect(lastCopy()).toMatchObject({ status: 0 });
    expect(at.calls()).toEqual(word.slice(0, 2));
  });

  test("does not wait for ever for a volume that Pacemaker does not bring up", () => {
    at.machine.ok("drbdadm state r0 WFConnection Secondary Unknown Diskless DUnknown");
    expect(lastCopy()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("Pacemaker has not brought up volume r0 within 1 s"),
    });
  });

  test.each([
    ["is Inconsistent", "0:0:0:1:0:0:0", "volume r0: this copy is Inconsistent"],
    ["is Outdated", "1:0:0:1:0:0:0", "volume r0: this copy is Outdated: the-peer took writes that are missing here"],
  ])("refuses a copy that %s by its own metadata", (_, words, why) => {
    flags(words);
    expect(lastCopy()).toMatchObject({ status: 3, stderr: expect.stringContaining(why) });
    expect(at.calls()).toEqual([]);
  });

  test.each([
    [
      "the cluster sees the mirror",
      `echo '${peer.member}' >/run/cluster/peer`,
      "the cluster sees the-peer: it is not lost",
    ],
    [
      "the cluster is paused",
      "crm_attribute --type crm_config --name maintenance-mode --update true",
      "the cluster is paused",
    ],
    ["Pacemaker says nothing", "touch /run/cluster/silent", "Pacemaker does not answer on this mirror"],
  ])("refuses while %s", (_, how, why) => {
    at.machine.ok(how);
    expect(lastCopy()).toMatchObject({ status: 3, stderr: expect.stringContaining(why) });
    expect(at.calls()).toEqual([]);
  });

  test("refuses without the third vote, where there is one", () => {
    at.withThirdVote("Connect failed", () =>
      expect(lastCopy()).toMatchObject({ status: 3, stderr: expect.stringContaining("the third vote is missing") }),
    );
    expect(at.calls()).toEqual([]);
  });

  test("refuses the word about itself, and about a mirror that there is not", () => {
    expect(lastCopy(hostname())).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("is this mirror, and it runs"),
    });
    expect(lastCopy("mirror-x")).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("the cluster knows no mirror mirror-x"),
    });
    expect(at.calls()).toEqual([]);
  });
});

describe("cluster-without-third-vote.sh", () => {
  const goOn = () => at.machine.guest("cluster-without-third-vote.sh", ["1"]);
  const waiting = "corosync-cmapctl -s quorum.cancel_wait_for_all u8 1";
  beforeEach(() => {
    at.cluster(false, peer.member);
    at.machine.ok("drbdadm state r0 Connected Secondary Secondary UpToDate UpToDate");
  });

  test("ends the waiting where both mirrors are members, and waits for the groups; twice is once", () => {
    at.withThirdVote("Connect failed", () => {
      expect(goOn()).toMatchObject({
        status: 0,
        stderr: expect.stringMatching(/goes on with the votes of both mirrors\n.*every group runs/),
      });
      expect(goOn()).toMatchObject({ status: 0, stderr: expect.stringMatching(/^[^\n]*every group runs/) });
    });
    expect(at.calls()).toEqual([waiting]);
  });

  test("fails, and says what runs nowhere, when a group does not start", () => {
    at.machine.ok("touch /run/cluster/stuck");
    at.withThirdVote("Connect failed", () =>
      expect(goOn()).toMatchObject({
        status: 1,
        stderr: expect.stringContaining("after 4 s these groups do not run: main"),
      }),
    );
  });

  test("refuses when the other mirror is no member, or only joining", () => {
    at.withThirdVote("Connect failed", () => {
      for (const state of [peer.missed, peer.fenced, peer.member.replace('pending="false"', 'pending="true"')]) {
        at.cluster(false, state);
        expect(goOn()).toMatchObject({
          status: 3,
          stderr: expect.stringContaining(`not both mirrors are members of the cluster: ${hostname()} is there`),
        });
      }
    });
    expect(at.calls()).toEqual([]);
  });

  test("refuses when no third vote is missing, or Pacemaker says nothing", () => {
    expect(goOn()).toMatchObject({ status: 3, stderr: expect.stringContaining("the third vote is not missing here") });
    at.withThirdVote("Connected", () =>
      expect(goOn()).toMatchObject({
        status: 3,
        stderr: expect.stringContaining("the third vote is not missing here"),
      }),
    );
    at.machine.ok("touch /run/cluster/silent");
    at.withThirdVote("Connect failed", () =>
      expect(goOn()).toMatchObject({ status: 3, stderr: expect.stringContaining("Pacemaker does not answer") }),
    );
    expect(at.calls()).toEqual([]);
  });
});

describe("state.sh", () => {
  const seen = () => (JSON.parse(at.machine.guest("state.sh").stdout) as { cluster: unknown }).cluster;

  test("tells of members, quorum, groups, and whether fencing is ready", () => {
    at.cluster(false, peer.missed);
    const nodes = [
      { name: hostname(), online: true, standby: false, unclean: false, fencing: false },
      { name: "the-peer", online: false, standby: false, unclean: true, fencing: false },
    ];
    const state = {
      answers: true,
      quorum: false,
      paused: false,
      pausedBy: null,
      configuration: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      nodes,
      groups: [{ name: "main", mirror: null }],
    };
    expect(seen()).toEqual({ ...state, fences: [{ mirror: "the-peer", ready: true }], qdevice: null });
    at.machine.ok("echo Stopped >/run/cluster/fencing");
    expect(seen()).toEqual({ ...state, fences: [{ mirror: "the-peer", ready: false }], qdevice: null });
  });

  test.each([
    ["Connected", true],
    ["Connect failed", false],
  ] as const)("tells of the third vote, where there is one (%s)", (state, there) => {
    at.withThirdVote(state, () => expect(seen()).toMatchObject({ qdevice: there }));
  });

  test.each([
    ["that is under way", [["pending", ""]], true],
    [
      "that is under way after one that failed",
      [
        ["failed", "2026-11-27 12:00:00"],
        ["pending", ""],
      ],
      false,
    ],
    [
      "that is under way after one that failed, and one since that did not",
      [
        ["failed", "2026-11-27 12:00:00"],
        ["success", "2026-11-27 13:00:00"],
        ["pending", ""],
      ],
      true,
    ],
    ["that failed", [["failed", "2026-11-27 12:00:00"]], false],
  ] as const)("tells of an attempt to fence the peer %s", (_, events, fencing) => {
    at.cluster(true, peer.missed);
    at.attempts(events);
    expect(seen()).toMatchObject({ nodes: [{ fencing: false }, { name: "the-peer", fencing }] });
  });

  test("tells that Pacemaker does not answer", () => {
    at.machine.ok("touch /run/cluster/silent");
    expect(seen()).toEqual({
      answers: false,
      quorum: false,
      paused: false,
      nodes: [],
      groups: [],
      fences: [],
      qdevice: null,
    });
  });
});
