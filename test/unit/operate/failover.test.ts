import { describe, expect, it } from "vitest";
import type { Inventory } from "../../../src/inventory.ts";
import { decideFailover, offPhrase } from "../../../src/operate/decideFailover.ts";
import { decideSwitch } from "../../../src/operate/decideSwitch.ts";
import { type GroupView, viewGroup } from "../../../src/operate/groupSight.ts";
import { mirrorNamed } from "../../../src/operate/named.ts";
import type { Observation, Seen } from "../../../src/operate/observe.ts";
import { selectGroups } from "../../../src/operate/selectGroups.ts";
import type { MirrorState } from "../../../src/operate/states.ts";

const inventory = {
  version: 1,
  stack: "lab",
  failover: { mode: "manual" },
  mirrors: [{ name: "mirror-a" }, { name: "mirror-b" }],
  groups: [
    { name: "main", vip: "10.20.0.10", primary: "mirror-a", volumes: ["r0", "r1"] },
    { name: "other", vip: "10.20.0.11", primary: "mirror-b", volumes: ["r2"] },
  ],
  volumes: [
    { name: "r0", group: "main" },
    { name: "r1", group: "main" },
    { name: "r2", group: "other" },
  ],
} as unknown as Inventory;

type Volume = MirrorState["volumes"][number];
const volume = (name: string, change: Partial<Volume> = {}): Volume => ({
  name,
  role: "Secondary",
  peerRole: "Primary",
  disk: "UpToDate",
  peerDisk: "UpToDate",
  connection: "Connected",
  syncPercent: null,
  outOfSyncKiB: 0,
  ...change,
});
const lost: Partial<Volume> = { peerRole: "Unknown", peerDisk: "DUnknown", connection: "WFConnection" };
const primary: Partial<Volume> = { role: "Primary", peerRole: "Secondary" };

function state(mirror: string, volumes: readonly Volume[], vips: readonly string[] = []): Seen<MirrorState> {
  const groups = ["main", "other"].map((name) => ({ name, vip: vips.includes(name), enabled: vips.includes(name), nbd: null, iscsi: null }));
  return { state: { mirror, drbdVersion: "8.4.11", volumes: [...volumes], groups, attached: [], cluster: null } };
}
const gone: Seen<MirrorState> = { unreachable: "Connection timed out" };
const seen = (a: Seen<MirrorState>, b: Seen<MirrorState>): Observation => ({ mirrors: new Map([["mirror-a", a], ["mirror-b", b]]), hosts: new Map() });
const views = (a: Seen<MirrorState>, b: Seen<MirrorState>): GroupView[] => inventory.groups.map(({ name }) => viewGroup(inventory, seen(a, b), name));

/** main on mirror-a, other on mirror-b, both whole. */
const healthyA = state("mirror-a", [volume("r0", primary), volume("r1", primary), volume("r2")], ["main"]);
const healthyB = state("mirror-b", [volume("r0"), volume("r1"), volume("r2", primary)], ["other"]);
/** mirror-b after the death of mirror-a. */
const alone = state("mirror-b", [volume("r0", lost), volume("r1", lost), volume("r2", { ...primary, ...lost })], ["other"]);

describe("the choice of groups", () => {
  it("takes a volume with its group, or all", () => {
    expect(selectGroups(inventory, "r1")).toEqual(["main"]);
    expect(selectGroups(inventory, "all")).toEqual(["main", "other"]);
    expect(() => selectGroups(inventory, "r9")).toThrow("stack lab has no volume r9; it has: r0, r1, r2 (or say all)");
    expect(() => mirrorNamed(inventory, "mirror-c")).toThrow("stack lab has no mirror mirror-c; it has: mirror-a, mirror-b");
  });
});

describe("a planned switch", () => {
  const decide = (a: Seen<MirrorState>, b: Seen<MirrorState>, to: string) => decideSwitch(views(a, b)[0] as GroupView, to);
  it("moves from where the group is, and does nothing where it is already", () => {
    expect(decide(healthyA, healthyB, "mirror-b")).toEqual({ kind: "move", from: "mirror-a" });
    expect(decide(healthyA, healthyB, "mirror-a")).toEqual({ kind: "there" });
  });

  it.each<[string, Seen<MirrorState>, Seen<MirrorState>, string]>([
    ["without the other mirror", gone, alone, "group main: mirror-a cannot be asked (Connection timed out); a switch needs both mirrors. If the primary is dead: npm run failover"],
    ["while a volume is being synchronised", healthyA, state("mirror-b", [volume("r0"), volume("r1", { disk: "Inconsistent", connection: "SyncTarget" })]), "group main stays on mirror-a: volume r1: SyncTarget, Secondary/Primary, Inconsistent/UpToDate; wait until"],
    ["when both hold it", healthyA, state("mirror-b", [volume("r0", primary), volume("r1")]), "group main is held by mirror-a and mirror-b: stop it on one of them first"],
    ["when nobody holds it", state("mirror-a", [volume("r0")]), state("mirror-b", [volume("r0")]), "group main runs on no mirror"],
  ])("is refused %s", (_, a, b, message) => {
    expect(() => decide(a, b, "mirror-b")).toThrow(message);
  });
});

describe("an unplanned failover", () => {
  it("takes the groups of the dead mirror to the one that answers", () => {
    expect(decideFailover(inventory, views(gone, alone), ["main"])).toEqual({ old: "mirror-a", to: "mirror-b", groups: ["main"], lastCopy: false });
  });

  it.each<[string, Seen<MirrorState>, Seen<MirrorState>, string]>([
    ["while the primary answers and both are UpToDate", healthyA, healthyB, "group main runs on mirror-a, which answers, and both mirrors are UpToDate: move it without loss of redundancy with npm run switch"],
    ["to a disk that was outdated", gone, state("mirror-b", [volume("r0", { ...lost, disk: "Outdated" }), volume("r1", lost)], ["other"]), "group main: the disk of mirror-b is Outdated (r0: WFConnection, Secondary/Unknown, Outdated/DUnknown): writes that clients were told are done are missing there. Bring mirror-a back: it has them"],
    ["to a disk whose synchronisation was cut", gone, state("mirror-b", [volume("r0", lost), volume("r1", { ...lost, disk: "Inconsistent" })], ["other"]), "the disk of mirror-b is Inconsistent"],
    ["to a disk that was restarted alone", gone, state("mirror-b", [volume("r0", { ...lost, disk: "Consistent" }), volume("r1", lost)], ["other"]), "the disk of mirror-b is Consistent (r0: WFConnection, Secondary/Unknown, Consistent/DUnknown): it was started without mirror-a, and cannot know"],
    ["when no mirror answers", gone, gone, "no mirror answers: mirror-a: Connection timed out; mirror-b: Connection timed out"],
    ["when the one that answers has it already", gone, state("mirror-b", [volume("r0", { ...lost, role: "Primary" }), volume("r1", { ...lost, role: "Primary" })], ["main"]), "mirror-b holds main already: nothing fails over. Bring the other mirror back (mirror-a: Connection timed out)"],
    ["when both answer and nobody holds it", state("mirror-a", [volume("r0")]), state("mirror-b", [volume("r0")]), "mirror-a and mirror-b both answer and neither holds the group: that is no failover"],
    ["that would stop another group as well", gone, state("mirror-b", [volume("r0", lost), volume("r1", lost), volume("r2", lost)]), "fencing mirror-a also stops group other: say all, or switch it to mirror-b first"],
  ])("is refused %s", (_, a, b, message) => {
    expect(() => decideFailover(inventory, views(a, b), ["main"])).toThrow(message);
  });

  it("takes what the dead mirror had, and leaves what the other one has already, in whatever order they are named", () => {
    const holdsMain = state("mirror-b", [volume("r0", { ...lost, role: "Primary" }), volume("r1", { ...lost, role: "Primary" }), volume("r2", lost)], ["main"]);
    const holdsOther = state("mirror-b", [volume("r0", lost), volume("r1", lost), volume("r2", { ...lost, role: "Primary" })], ["other"]);
    expect(decideFailover(inventory, views(gone, holdsMain), ["main", "other"])).toMatchObject({ to: "mirror-b", groups: ["other"] });
    expect(decideFailover(inventory, views(gone, holdsOther), ["main", "other"])).toMatchObject({ to: "mirror-b", groups: ["main"] });
  });

  it("does not guess which of two mirrors shall be given up", () => {
    expect(() => decideFailover(inventory, views(healthyA, healthyB), ["main", "other"])).toThrow("mirror-a and mirror-b both answer, and each lacks one of main, other: name the groups of the one that shall be given up");
  });

  it("takes a copy that was started alone by the operator's word, and no worse one", () => {
    const startedAlone = (disk: string) => views(gone, state("mirror-b", [volume("r0", { ...lost, disk }), volume("r1", lost)], ["other"]));
    const words = "mirror-a is lost for good and mirror-b has the last writes";
    expect(decideFailover(inventory, startedAlone("Consistent"), ["main"], words)).toEqual({ old: "mirror-a", to: "mirror-b", groups: ["main"], lastCopy: true });
    expect(() => decideFailover(inventory, startedAlone("Consistent"), ["main"], offPhrase("mirror-a"))).toThrow(`--confirm "${words}"`);
    expect(() => decideFailover(inventory, startedAlone("Outdated"), ["main"], words)).toThrow("the disk of mirror-b is Outdated");
    // The other one answers: nothing is lost for good.
    const held = state("mirror-a", [volume("r0", { ...primary, ...lost }), volume("r1", { ...primary, ...lost })], ["main"]);
    expect(() => decideFailover(inventory, views(held, state("mirror-b", [volume("r0", { ...lost, disk: "Consistent" }), volume("r1", lost)], ["other"])), ["main"], words)).toThrow("the disk of mirror-b is Consistent");
  });

  it("asks for words that name the mirror", () => {
    expect(offPhrase("mirror-a")).toBe("mirror-a is off and stays off");
  });
});
