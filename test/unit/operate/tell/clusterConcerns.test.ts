import { describe, expect, it } from "vitest";
import type { Inventory, InventoryMirror } from "../../../../src/inventory/inventory.ts";
import { clusterConcerns } from "../../../../src/operate/tell/clusterConcerns.ts";
import {
  confirmSteps,
  lastCopySteps,
  maintainSteps,
  type RunScript,
  withoutThirdVoteSteps,
} from "../../../../src/operate/act/clusterSteps.ts";
import type { ClusterState, MirrorState } from "../../../../src/operate/observe/states.ts";
import { makeInventory } from "../../../../src/inventory/makeInventory.ts";
import { automaticPlanOf, planOf } from "../../render/sample.ts";

const inventory = makeInventory(automaticPlanOf({ operationTimeout: 90 }));
const node = (name: string, change: Partial<ClusterState["nodes"][number]> = {}) => ({
  name,
  online: true,
  standby: false,
  unclean: false,
  ...change,
});
const sound: ClusterState = {
  answers: true,
  quorum: true,
  paused: false,
  nodes: [node("mirror-a"), node("mirror-b")],
  groups: [{ name: "main", mirror: "mirror-a" }],
  fences: [
    { mirror: "mirror-a", ready: true },
    { mirror: "mirror-b", ready: true },
  ],
  qdevice: null,
};
const state = (mirror: string, cluster: ClusterState | null): MirrorState => ({
  mirror,
  drbdVersion: "8.4.11",
  volumes: [],
  groups: [],
  attached: [],
  cluster,
});
const concerns = (a: ClusterState | null, b: ClusterState | null = a) =>
  clusterConcerns(inventory, [state("mirror-a", a), state("mirror-b", b)]);

describe("what status says of the cluster", () => {
  it("is nothing when all is well", () => expect(concerns(sound)).toEqual([]));

  it("is nothing in manual mode", () =>
    expect(clusterConcerns(makeInventory(planOf()), [state("mirror-a", null)])).toEqual([]));

  it.each<[string, ClusterState | null, readonly string[]]>([
    ["a mirror without Pacemaker", null, ["Pacemaker does not run on mirror-a", "Pacemaker does not run on mirror-b"]],
    [
      "fencing that is not confirmed",
      { ...sound, nodes: [node("mirror-a", { online: false, unclean: true }), node("mirror-b")] },
      [
        "the cluster is about to fence mirror-a, and promotes nothing until that is " +
          "confirmed; when its KVM host is dead: `kvm-mirror failover`",
      ],
    ],
    [
      "a mirror that is away",
      { ...sound, nodes: [node("mirror-a"), node("mirror-b", { online: false })] },
      ["mirror-b is no member of the cluster: there is no failover until it is back"],
    ],
    [
      "a mirror in maintenance",
      { ...sound, nodes: [node("mirror-a"), node("mirror-b", { standby: true })] },
      ["mirror-b is in standby"],
    ],
    [
      "a group that runs nowhere",
      { ...sound, groups: [{ name: "main", mirror: null }] },
      ["the cluster runs the exports of group main nowhere"],
    ],
    [
      "fencing that is not ready",
      { ...sound, fences: [{ mirror: "mirror-a", ready: false }] },
      ["the cluster could not turn off mirror-a when it last looked"],
    ],
    [
      "a mirror that is away, not that it looks after no fencing",
      {
        ...sound,
        nodes: [node("mirror-a"), node("mirror-b", { online: false })],
        fences: [{ mirror: "mirror-a", ready: false }],
      },
      ["mirror-b is no member"],
    ],
    [
      "a third vote that is away",
      { ...sound, qdevice: false },
      ["mirror-a has no connection to the third vote", "mirror-b has no connection to the third vote"],
    ],
    [
      "a third vote that is away after quorum was lost",
      { ...sound, quorum: false, qdevice: false },
      ["mirror-a has no quorum and runs nothing, and it has no connection to the third vote", "mirror-b has no quorum"],
    ],
    [
      "a cluster without quorum, and nobody's fencing then",
      { ...sound, quorum: false, fences: [{ mirror: "mirror-a", ready: false }] },
      ["mirror-a has no quorum", "mirror-b has no quorum"],
    ],
    [
      "a cluster that somebody has paused",
      { ...sound, paused: true },
      ["the cluster is paused (maintenance-mode): it does not fail over. Somebody did that by hand"],
    ],
    [
      "a cluster that a switch has paused",
      { ...sound, paused: true, pausedBy: "main-1a2b" },
      [
        "the cluster is paused (maintenance-mode): it does not fail over. " +
          "The planned switch main-1a2b ends that itself",
      ],
    ],
    [
      "a mirror that booted alone, and nobody's fencing then",
      { ...sound, quorum: false, nodes: [node("mirror-a"), node("mirror-b", { online: false, unclean: true })] },
      ["mirror-a has no quorum", "mirror-b has no quorum"],
    ],
  ])("names %s, once", (_, cluster, said) => {
    const all = concerns(cluster);
    expect(all.map((text, index) => text.slice(0, said[index]?.length))).toEqual(said);
  });
});

describe("the steps of an operator's command", () => {
  const ran: string[][] = [];
  const run: RunScript = async (mirror, script, ...args) => {
    ran.push([mirror.name, script, ...args]);
    return "";
  };
  const through = inventory.mirrors[1] as InventoryMirror;
  const asked = { inventory, through, run };

  it.each([
    [
      "maintenance",
      () => maintainSteps(asked, "mirror-a", false),
      ["mirror-b", "cluster-standby.sh", "mirror-a", "on", "90"],
    ],
    [
      "its end",
      () => maintainSteps(asked, "mirror-a", true),
      ["mirror-b", "cluster-standby.sh", "mirror-a", "off", "90"],
    ],
    [
      "the operator's confirmation",
      () => confirmSteps(asked, "mirror-a"),
      ["mirror-b", "cluster-confirm.sh", "mirror-a", "90"],
    ],
    [
      "going on without the third vote",
      () => withoutThirdVoteSteps(asked),
      ["mirror-b", "cluster-without-third-vote.sh", "90"],
    ],
    [
      "the word that a copy is the last",
      () => lastCopySteps(asked, "mirror-a"),
      ["mirror-b", "cluster-last-copy.sh", "mirror-a", "90"],
    ],
  ])("of %s do nothing before they are run, then call one script", async (_, steps, call) => {
    ran.length = 0;
    const [step, ...more] = steps();
    expect([ran, more]).toEqual([[], []]);
    await step?.run();
    expect(ran).toEqual([call]);
  });

  it("know the stack's mirrors, and that one which answers is not dead", () => {
    expect(() => maintainSteps(asked, "mirror-c", false)).toThrow("has no mirror mirror-c; it has: mirror-a, mirror-b");
    expect(() => confirmSteps(asked, "mirror-b")).toThrow("mirror-b answers: it is not dead");
    const manual: Inventory = { ...inventory, failover: { mode: "manual" } };
    expect(() => maintainSteps({ ...asked, inventory: manual }, "mirror-a", false)).toThrow("has no cluster");
  });
});
