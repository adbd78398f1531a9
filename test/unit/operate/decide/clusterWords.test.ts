import { describe, expect, it } from "vitest";
import { inClusterSteps } from "../../../../src/operate/act/failoverSteps.ts";
import { makeInventory } from "../../../../src/inventory/makeInventory.ts";
import { startCommand } from "../../../../src/operate/stack/startCommand.ts";
import { decideConfirmation } from "../../../../src/operate/decide/decideConfirmation.ts";
import { decideLastCopy } from "../../../../src/operate/decide/decideLastCopy.ts";
import { refuseWithoutThirdVote, waitsForThirdVoteAlone } from "../../../../src/operate/decide/thirdVote.ts";
import type { Evidence } from "../../../../src/operate/observe/evidence.ts";
import type { Observation, Seen } from "../../../../src/operate/observe/observe.ts";
import type { ClusterState, MirrorState } from "../../../../src/operate/observe/states.ts";
import { automaticPlanOf } from "../../render/sample.ts";

const inventory = makeInventory(automaticPlanOf({}));
const gone: Seen<MirrorState> = { unreachable: "it is connected, but no answer within 90 s" };
const node = (name: string, change: Partial<ClusterState["nodes"][number]> = {}) => ({
  name,
  online: true,
  standby: false,
  unclean: false,
  ...change,
});
const missed = (name: string) => node(name, { online: false, unclean: true });
const answers = (mirror: string, cluster: Partial<ClusterState>): Seen<MirrorState> => ({
  state: {
    mirror,
    drbdVersion: "8.4.11",
    volumes: [],
    groups: [],
    attached: [],
    cluster: {
      answers: true,
      quorum: true,
      paused: false,
      nodes: [node("mirror-a"), node("mirror-b")],
      groups: [],
      fences: [],
      qdevice: null,
      ...cluster,
    },
  },
});
const seen = (a: Seen<MirrorState>, b: Seen<MirrorState>): Observation => ({
  mirrors: new Map([
    ["mirror-a", a],
    ["mirror-b", b],
  ]),
  hosts: new Map(),
});

/** What the KVM host of a mirror says to the operator. */
const host = (domain: Evidence["domain"]) => (): Evidence => ({ domain, marks: undefined });
const silent = host("unknown");

const alone = seen(gone, answers("mirror-b", { quorum: false, nodes: [missed("mirror-a"), node("mirror-b")] }));
const missing = seen(gone, answers("mirror-b", { nodes: [missed("mirror-a"), node("mirror-b")] }));

describe("a mirror that is alone without quorum goes on with the last copy", () => {
  it("with the confirmation phrase, typed as it is printed", () => {
    const words = /^mirror-b is alone, .* mirror-a, which may have taken writes that mirror-b lacks.*--confirm "[^"]*"/;
    expect(() => decideLastCopy(inventory, alone, silent, undefined)).toThrow(words);
    expect(() => decideLastCopy(inventory, alone, host("off"), undefined)).toThrow(
      `Bring mirror-a back (${startCommand(inventory, "mirror-a")}): as soon as they meet, they know`,
    );
    expect(() => decideLastCopy(inventory, alone, silent, "mirror-a is off and stays off")).toThrow(
      '(you typed "mirror-a is off and stays off")',
    );
    expect(decideLastCopy(inventory, alone, silent, "mirror-a is lost for good and mirror-b has the last writes")).toBe(
      "mirror-a",
    );
  });

  it("whose KVM host says that it is off, but not one that runs by the word of its KVM host, whatever is typed", () => {
    const phrase = "mirror-a is lost for good and mirror-b has the last writes";
    expect(decideLastCopy(inventory, alone, host("off"), phrase)).toBe("mirror-a");
    for (const confirmed of [undefined, phrase])
      expect(() => decideLastCopy(inventory, alone, host("running"), confirmed)).toThrow(
        /^mirror-a runs, its KVM host kvm-a says, .* it may be serving, .* turn it off first: .*destroy mirror-a;/,
      );
  });

  it("but not without the third vote, where there is one", () => {
    const lacking = seen(
      gone,
      answers("mirror-b", { quorum: false, nodes: [missed("mirror-a"), node("mirror-b")], qdevice: false }),
    );
    expect(() =>
      decideLastCopy(inventory, lacking, silent, "mirror-a is lost for good and mirror-b has the last writes"),
    ).toThrow("mirror-b has one vote of three: mirror-a and the third vote are both away");
  });

  it.each([
    ["it has quorum: then a death is what the cluster waits for", missing],
    ["both answer", seen(answers("mirror-a", { quorum: false }), answers("mirror-b", { quorum: false }))],
    ["its Pacemaker does not run", seen(gone, answers("mirror-b", { answers: false, quorum: false }))],
    ["nobody answers", seen(gone, gone)],
  ])("but not when %s", (_, observation) => {
    expect(
      decideLastCopy(inventory, observation, silent, "mirror-a is lost for good and mirror-b has the last writes"),
    ).toBeUndefined();
  });
});

describe("the confirmation that a mirror is dead", () => {
  const word = "mirror-a is off and stays off";

  it("is taken for the one whose death the cluster waits for", () => {
    expect(decideConfirmation(inventory, missing, silent, word)).toBe("mirror-a");
    expect(() => decideConfirmation(inventory, missing, silent, undefined)).toThrow(
      /the cluster cannot have mirror-a turned off through kvm-a.*--confirm "mirror-a is off and stays off"/,
    );
    expect(() => decideConfirmation(inventory, missing, silent, "yes")).toThrow('(you typed "yes")');
  });

  it("is not asked for while the cluster has it turned off, and is taken all the same", () => {
    const nodes = [node("mirror-a", { online: false, unclean: true, fencing: true }), node("mirror-b")];
    const underWay = seen(gone, answers("mirror-b", { nodes }));
    for (const domain of ["off", "running"] as const)
      expect(() => decideConfirmation(inventory, underWay, host(domain), undefined)).toThrow(
        /^the cluster is having mirror-a turned off through kvm-a at this moment, (?!.*confirm)/,
      );
    // A KVM host that is dead: what the cluster tries there fails, in its own time.
    expect(() => decideConfirmation(inventory, underWay, silent, undefined)).toThrow(`--confirm "${word}"`);
    expect(decideConfirmation(inventory, underWay, silent, word)).toBe("mirror-a");
  });

  it.each([
    ["running", "mirror-a still runs there"],
    ["off", "mirror-a is off there"],
  ] as const)("turns it off first where its KVM host answers the operator (%s)", (domain, words) => {
    expect(() => decideConfirmation(inventory, missing, host(domain), undefined)).toThrow(
      `To you kvm-a answers: ${words}. To turn it off from here, see that it is off, and tell the cluster`,
    );
    expect(decideConfirmation(inventory, missing, host(domain), word)).toBe("mirror-a");
  });

  it("asks where one is that was migrated away", () => {
    expect(() => decideConfirmation(inventory, missing, host("moved"), undefined)).toThrow(
      "virsh migrate took mirror-a away from kvm-a, and it may run elsewhere: two mirrors would take writes, and " +
        "those of one are lost. Find the KVM host where it runs",
    );
    expect(decideConfirmation(inventory, missing, host("moved"), word)).toBe("mirror-a");
  });

  it("is told to the cluster after the mirror was turned off, where that can be done", () => {
    const titles = (domain: Evidence["domain"]) =>
      inClusterSteps({ inventory, confirmed: word, say: () => undefined }, missing, host(domain)).map(
        ({ title }) => title,
      );
    const told = "tell the cluster that mirror-a is dead, and wait until every group runs on mirror-b";
    expect(titles("running")).toEqual(["turn mirror-a off at its KVM host kvm-a, and see that it is off", told]);
    expect(titles("off")).toEqual(["see at its KVM host kvm-a that mirror-a is still off", told]);
    expect(titles("moved")).toEqual([
      "see at its KVM host kvm-a that mirror-a is back and off; go on without it otherwise",
      told,
    ]);
    expect(titles("unknown")).toEqual([
      "try to turn mirror-a off at its KVM host kvm-a, which did not answer; go on without it otherwise",
      told,
    ]);
  });

  it.each([
    [
      "when the cluster waits for no confirmation",
      seen(answers("mirror-a", {}), answers("mirror-b", {})),
      "the cluster does not wait for a mirror to be confirmed dead",
    ],
    [
      "when each waits for the other one's",
      seen(
        answers("mirror-a", { nodes: [node("mirror-a"), missed("mirror-b")] }),
        answers("mirror-b", { nodes: [missed("mirror-a"), node("mirror-b")] }),
      ),
      "but both live and do not hear each other",
    ],
    [
      "when no mirror has quorum",
      seen(answers("mirror-a", { quorum: false }), answers("mirror-b", { quorum: false })),
      "no mirror has quorum: nothing is fenced or promoted. See kvm-mirror status",
    ],
    [
      "when the third vote is missing after quorum was lost",
      seen(
        answers("mirror-a", { quorum: false, qdevice: false }),
        answers("mirror-b", { quorum: false, qdevice: false }),
      ),
      "waits for both mirrors and for it: bring the other mirror back, or the third place",
    ],
    [
      "when that mirror answers",
      seen(
        answers("mirror-a", { answers: false }),
        answers("mirror-b", { nodes: [missed("mirror-a"), node("mirror-b")] }),
      ),
      "mirror-a answers the operator: it is not dead",
    ],
  ])("is refused %s", (_, observation, why) => {
    expect(() => decideConfirmation(inventory, observation, silent, word)).toThrow(why);
  });
});

describe("a cluster that lost quorum and waits for its third vote alone", () => {
  const waiting = { quorum: false, qdevice: false };
  const apart = { ...waiting, nodes: [node("mirror-a"), missed("mirror-b")] };

  it("may go on with the votes of both mirrors", () => {
    expect(waitsForThirdVoteAlone(inventory, seen(answers("mirror-a", waiting), answers("mirror-b", waiting)))).toBe(
      true,
    );
  });

  it.each([
    ["a mirror does not answer", seen(gone, answers("mirror-b", waiting))],
    [
      "its Pacemaker does not",
      seen(answers("mirror-a", { ...waiting, answers: false, nodes: [] }), answers("mirror-b", waiting)),
    ],
    ["they do not see each other", seen(answers("mirror-a", apart), answers("mirror-b", waiting))],
    ["one of them has quorum", seen(answers("mirror-a", waiting), answers("mirror-b", { ...waiting, quorum: true }))],
    [
      "the third vote is there for one of them",
      seen(answers("mirror-a", waiting), answers("mirror-b", { ...waiting, qdevice: true })),
    ],
    ["there is no third vote", seen(answers("mirror-a", { quorum: false }), answers("mirror-b", { quorum: false }))],
  ])("but not when %s", (_, observation) => {
    expect(waitsForThirdVoteAlone(inventory, observation)).toBe(false);
  });
});

describe("maintenance of a mirror", () => {
  it("waits for the third vote, where there is one", () => {
    expect(() =>
      refuseWithoutThirdVote(seen(answers("mirror-a", {}), answers("mirror-b", { qdevice: true })), "mirror-b"),
    ).not.toThrow();
    expect(() => refuseWithoutThirdVote(seen(answers("mirror-a", { qdevice: false }), gone), "mirror-b")).toThrow(
      "the third vote is missing (mirror-a): when mirror-b goes down, the other one has no quorum, and stops",
    );
  });
});
