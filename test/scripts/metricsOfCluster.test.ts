import { hostname } from "node:os";
import { beforeAll, expect, test } from "vitest";
import { groupDocument, r0ByNbd, mainGroup } from "./groupDocument.ts";
import { peer, playedCluster } from "./playedCluster.ts";

const played = playedCluster();
const { cluster } = played;
beforeAll(() => {
  const { machine } = played;
  machine.play("journalctl", "true");
  machine.ok("mkdir -p /etc/kvm-mirror/monitoring && echo 'stack lab' >/etc/kvm-mirror/monitoring/settings");
  const document = groupDocument({ ...mainGroup, exports: [r0ByNbd("192.0.2.21")] });
  expect(machine.guest("group-configure.sh", ["main"], document)).toMatchObject({ status: 0 });
  machine.ok("drbdadm state r0 Connected Secondary Primary UpToDate UpToDate");
});

/** What is said of the cluster and of taking over. */
function said(): string {
  const { status, stderr } = played.machine.guest("metrics.sh", ["/tmp/metrics.prom"]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return played.machine
    .ok("grep -E '^kvm_mirror_(cluster|group_takeover)' /tmp/metrics.prom")
    .replaceAll(`"${hostname()}"`, '"me"')
    .replaceAll('stack="lab",mirror="me",', "")
    .replaceAll("kvm_mirror_", "");
}

test("both mirrors are members, and fencing is ready", () => {
  cluster(true, peer.member);
  expect(said()).toMatchInlineSnapshot(`
    "group_takeover_ready{group="main"} 1
    cluster_answers{stack="lab",mirror="me"} 1
    cluster_quorum{stack="lab",mirror="me"} 1
    cluster_paused{stack="lab",mirror="me"} 0
    cluster_node_online{node="me"} 1
    cluster_node_online{node="the-peer"} 1
    cluster_node_standby{node="me"} 0
    cluster_node_standby{node="the-peer"} 0
    cluster_node_unclean{node="me"} 0
    cluster_node_unclean{node="the-peer"} 0
    cluster_fencing_ready{node="the-peer"} 1
    cluster_fencing_failed{node="the-peer"} 0"
  `);
});

test("a peer that is to be fenced, without quorum", () => {
  cluster(false, peer.missed);
  expect(said()).toMatchInlineSnapshot(`
    "group_takeover_ready{group="main"} 0
    cluster_answers{stack="lab",mirror="me"} 1
    cluster_quorum{stack="lab",mirror="me"} 0
    cluster_paused{stack="lab",mirror="me"} 0
    cluster_node_online{node="me"} 1
    cluster_node_online{node="the-peer"} 0
    cluster_node_standby{node="me"} 0
    cluster_node_standby{node="the-peer"} 0
    cluster_node_unclean{node="me"} 0
    cluster_node_unclean{node="the-peer"} 1
    cluster_fencing_ready{node="the-peer"} 1
    cluster_fencing_failed{node="the-peer"} 0"
  `);
});

test("fencing that the cluster cannot do: this mirror takes nothing over", () => {
  cluster(true, peer.member);
  played.machine.ok("echo Stopped >/run/cluster/fencing");
  expect(said()).toContain('cluster_fencing_ready{node="the-peer"} 0');
  expect(said()).toContain('group_takeover_ready{group="main"} 0');
});

test("Pacemaker does not answer", () => {
  cluster(true, peer.member);
  played.machine.ok("touch /run/cluster/silent");
  expect(said()).toBe(`group_takeover_ready{group="main"} 0\ncluster_answers{stack="lab",mirror="me"} 0`);
});

test("the third vote, where there is one", () => {
  cluster(true, peer.member);
  expect(said()).not.toContain("third_vote");
  played.withThirdVote("Connected", () => expect(said()).toContain('cluster_third_vote{stack="lab",mirror="me"} 1'));
  played.withThirdVote("Connect failed", () => expect(said()).toContain('third_vote{stack="lab",mirror="me"} 0'));
});

test.each([
  [
    "failed, the newest one",
    [
      ["failed", "2026-11-27 13:00:00"],
      ["success", "2026-11-27 12:00:00"],
    ],
    1,
  ],
  [
    "failed, and then succeeded",
    [
      ["failed", "2026-11-27 12:00:00"],
      ["success", "2026-11-27 13:00:00"],
    ],
    0,
  ],
  [
    "is being tried again",
    [
      ["failed", "2026-11-27 12:00:00"],
      ["pending", ""],
    ],
    0,
  ],
] as const)("fencing %s", (_, events, failed) => {
  cluster(true, peer.member);
  played.attempts(events);
  expect(said()).toContain(`cluster_fencing_failed{node="the-peer"} ${failed}`);
});
