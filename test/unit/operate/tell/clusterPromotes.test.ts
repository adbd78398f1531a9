/** What status says, under a cluster, of a volume whose primary is silent to the operator. */
import { describe, expect, it } from "vitest";
import { makeInventory } from "../../../../src/inventory/makeInventory.ts";
import type { ClusterState } from "../../../../src/operate/observe/states.ts";
import { renderStatus } from "../../../../src/operate/tell/renderStatus.ts";
import { automaticPlanOf } from "../../render/sample.ts";
import { inventory, observation, secondaryState } from "./statusSample.ts";

const automatic = { ...inventory, failover: makeInventory(automaticPlanOf({})).failover };
const parted = {
  connection: "WFConnection",
  peerRole: "Unknown",
  peerDisk: "DUnknown",
  lostSince: 1_764_162_131,
  heardUntil: 1_764_162_131,
};
const gone = { unreachable: "Connection timed out" };

type Node = ClusterState["nodes"][number];
const node = (name: string, change: Partial<Node> = {}): Node => ({
  ...{ name, online: true, standby: false, unclean: false },
  ...change,
});
/** Status of r0 when mirror-a is silent, and mirror-b sees the cluster so. */
function ofR0(a: Partial<Node>, change: Partial<ClusterState> = {}): readonly string[] {
  const cluster: ClusterState = {
    ...{ answers: true, quorum: true, paused: false, qdevice: null, groups: [], fences: [] },
    nodes: [node("mirror-a", a), node("mirror-b")],
    ...change,
  };
  const { concerns } = renderStatus(automatic, observation(gone, { state: { ...secondaryState(parted), cluster } }));
  return concerns.filter((concern) => concern.startsWith("volume r0"));
}

const nowhere = "volume r0 is primary nowhere: no client can use it";
const held =
  "It does not if mirror-a went on without mirror-b before: a constraint drbd-fence-by-handler-r0… then keeps that " +
  "copy back until mirror-a returns (`sudo cibadmin --query --scope constraints` on mirror-b). `sudo crm_mon -1` on " +
  'mirror-b says what it is at; docs/runbooks/primary-died.md, "Automatic failover"';

describe("a volume whose primary is silent, under a cluster", () => {
  it.each<[string, Partial<Node>, Partial<ClusterState>, string]>([
    [
      "that is about to fence it",
      { online: false, unclean: true },
      {},
      `. The cluster promotes the copy of mirror-b as soon as mirror-a is seen to be off. ${held}`,
    ],
    [
      "that has fenced it",
      { online: false },
      {},
      `. mirror-a is off, or has left the cluster, which now promotes the copy of mirror-b. ${held}`,
    ],
    [
      "that hears it",
      {},
      {},
      ", unless mirror-a serves it: the cluster hears mirror-a, which does not answer you. `sudo crm_mon -1` on " +
        "mirror-b says where it runs; see to the management network and to sshd on mirror-a",
    ],
    [
      "without quorum",
      { online: false, unclean: true },
      { quorum: false },
      '. The cluster has no quorum and promotes nothing; docs/runbooks/both-down.md, "Automatic failover"',
    ],
    [
      "that is paused",
      { online: false },
      { paused: true },
      ". The cluster is paused and promotes nothing until that ends",
    ],
    [
      "in which the other mirror is in standby",
      { online: false },
      { nodes: [node("mirror-a", { online: false }), node("mirror-b", { standby: true })] },
      ". mirror-b is in standby: the cluster promotes nothing there (kvm-mirror maintain mirror-b --done)",
    ],
    [
      "whose Pacemaker does not run",
      {},
      { answers: false, nodes: [] },
      ". Pacemaker does not run on mirror-b: nobody promotes its copy; `systemctl start pacemaker` there",
    ],
  ])("%s", (_, a, change, words) => {
    expect(ofR0(a, change)).toEqual([
      nowhere + words,
      // No mark is asked about: a cluster fences, and nobody types a phrase for what is unknown.
      "volume r0: mirror-b has no connection to its peer (WFConnection), and has not heard its peer since " +
        "2025-11-26 13:02:11 UTC",
    ]);
  });

  it("is both-down where no mirror answers", () => {
    const { concerns } = renderStatus(automatic, observation(gone, gone));
    expect(concerns).toContain(`${nowhere}; docs/runbooks/both-down.md`);
  });
});
