/**
 * A mirror that has lost its disk: a group leaves it for the copy that
 * is left, and status says what to do, and what not.
 */
import { describe, expect, it, test } from "vitest";
import type { InventoryVolume } from "../../../../src/inventory/inventory.ts";
import { decideDrain } from "../../../../src/operate/decide/decideMaintenance.ts";
import { decideSwitch } from "../../../../src/operate/decide/decideSwitch.ts";
import type { GroupView } from "../../../../src/operate/observe/groupSight.ts";
import type { MirrorState } from "../../../../src/operate/observe/states.ts";
import { volumeConcerns } from "../../../../src/operate/tell/volumeConcerns.ts";
import { type Volume, volumeState } from "../volumeState.ts";

const volume = (change: Partial<Volume>): Volume =>
  volumeState("r0", { role: "Primary", peerRole: "Secondary", ...change });
const secondary = { role: "Secondary", peerRole: "Primary" };

/** mirror-a is Primary, mirror-b is not; with changes of what each shows. */
function view(a: Partial<Volume>, b: Partial<Volume>): GroupView {
  const sights = [
    { mirror: "mirror-a", holds: true, volumes: [volume(a)] },
    { mirror: "mirror-b", holds: false, volumes: [volume({ ...secondary, ...b })] },
  ];
  return { group: "main", sights, unreachable: new Map() };
}
const fromPeer = view({ disk: "Diskless" }, { peerDisk: "Diskless" });

describe("a group whose primary has lost its disk", () => {
  it("leaves for the mirror that has the data, planned or for maintenance", () => {
    expect(decideSwitch(fromPeer, "mirror-b")).toEqual({ kind: "move", from: "mirror-a" });
    expect(decideDrain([fromPeer], "mirror-b")).toEqual(["main"]);
  });

  it("stays while it went on alone and has not brought the other one up to date: UpToDate is DRBD's word then", () => {
    const lone = view({ disk: "Diskless", alone: 1_764_162_131 }, { peerDisk: "Diskless" });
    expect(() => decideSwitch(lone, "mirror-b")).toThrow(
      "mirror-a went on alone at 2025-11-26 13:02:11 UTC, and mirror-b does not have everything that it wrote",
    );
  });

  test.each<[string, GroupView, string]>([
    [
      "it cannot reach the other one",
      view(
        { disk: "Diskless", connection: "WFConnection", peerDisk: "DUnknown", suspended: true },
        { connection: "WFConnection", peerDisk: "DUnknown", peerRole: "Unknown" },
      ),
      "volume r0: WFConnection, Primary/Secondary, Diskless/DUnknown, I/O suspended",
    ],
    [
      "its I/O is suspended all the same",
      view({ disk: "Diskless", suspended: true }, { peerDisk: "Diskless" }),
      "Diskless/UpToDate, I/O suspended",
    ],
    [
      "the other one was told that it is outdated",
      view({ disk: "Diskless", peerDisk: "Outdated" }, { disk: "Outdated", peerDisk: "Diskless" }),
      "Diskless/Outdated",
    ],
    [
      "the other one is not UpToDate by its own words",
      view({ disk: "Diskless" }, { disk: "Inconsistent", peerDisk: "Diskless" }),
      "Inconsistent/Diskless",
    ],
    ["it is only about to lose it", view({ disk: "Failed" }, { peerDisk: "Failed" }), "Failed/UpToDate"],
  ])("stays when %s", (_, seen, words) => {
    expect(() => decideSwitch(seen, "mirror-b")).toThrow(words);
    expect(() => decideDrain([seen], "mirror-b")).toThrow(words);
  });
});

describe("a group whose standby has lost its disk", () => {
  const standbyLost = view({ peerDisk: "Diskless" }, { disk: "Diskless" });
  it("does not go there", () => {
    expect(() => decideSwitch(standbyLost, "mirror-b")).toThrow(
      "group main stays on mirror-a: volume r0: Connected, Primary/Secondary, " +
        "UpToDate/Diskless; the disk of mirror-b is lost: docs/runbooks/replace-a-mirror.md",
    );
  });

  it("lets that mirror be taken down, to have its disk replaced", () => {
    expect(decideDrain([standbyLost], "mirror-a")).toEqual([]);
  });
});

describe("status of a primary without its disk", () => {
  const r0 = { name: "r0" } as InventoryVolume;
  const states = (...volumes: readonly (readonly [string, Partial<Volume>])[]): readonly MirrorState[] =>
    volumes.map(([mirror, change]) => ({
      mirror,
      drbdVersion: "8.4.11",
      volumes: [volume(change)],
      groups: [],
      attached: [],
      cluster: null,
    }));
  const concerns = (...volumes: readonly (readonly [string, Partial<Volume>])[]): readonly string[] =>
    volumeConcerns(r0, states(...volumes), new Map());

  it("says what to do now, before anything else happens", () => {
    expect(
      concerns(["mirror-a", { disk: "Diskless" }], ["mirror-b", { ...secondary, peerDisk: "Diskless" }]),
    ).toMatchInlineSnapshot(`
      [
        "volume r0: mirror-a, the primary, has lost its disk and works on the copy of mirror-b alone: when they lose each other, every client stands still. Now: kvm-mirror switch r0 --to mirror-b; then replace the disk (docs/runbooks/replace-a-mirror.md)",
      ]
    `);
  });

  it("says that clients stand still, nothing is acknowledged, and what wakes them", () => {
    const alone = { disk: "Diskless", connection: "WFConnection", peerRole: "Unknown", suspended: true };
    expect(
      concerns(
        ["mirror-a", { ...alone, peerDisk: "DUnknown" }],
        ["mirror-b", { role: "Secondary", peerRole: "Unknown", connection: "WFConnection", peerDisk: "DUnknown" }],
      ),
    ).toMatchInlineSnapshot(`
      [
        "volume r0: mirror-a (WFConnection, Diskless/DUnknown) has no disk and does not reach mirror-b, its I/O is suspended: clients stand still, nothing is acknowledged. Bring mirror-b or the replication network back: they connect, and what waits goes on. Until then neither failover, nor a reboot of mirror-a, nor \`drbdadm resume-io\` (writes that wait would fail, and NBD clients are not told); docs/runbooks/io-suspended.md",
        "volume r0: mirror-b has no connection to its peer (WFConnection): a write is on one copy only; bring the other mirror or the replication network back",
      ]
    `);
  });

  test.each([
    ["Outdated", "WFConnection"],
    ["Inconsistent", "Connected"],
    ["Outdated", "StandAlone"],
  ])("does not send the operator to a copy that lacks writes (%s, %s)", (peerDisk, connection) => {
    const [said, ...more] = concerns(["mirror-a", { disk: "Diskless", peerDisk, connection, suspended: true }]);
    expect(said).toContain(
      "only the disk that mirror-a has lost holds them. Attach it again (on mirror-a: sudo drbdadm attach r0)",
    );
    expect(said).toContain("clients stand still, nothing is acknowledged");
    expect(more.join()).not.toContain("bring the other mirror");
  });

  test.each([false, undefined])(
    "does not call it safe where DRBD was not told to wait (suspended: %s)",
    (suspended) => {
      const [said] = concerns([
        "mirror-a",
        {
          disk: "Diskless",
          peerDisk: "DUnknown",
          connection: "WFConnection",
          ...(suspended === undefined ? {} : { suspended }),
        },
      ]);
      expect(said).toBe(
        "volume r0: mirror-a (WFConnection, Diskless/DUnknown) reaches no good copy, and its I/O is not " +
          "suspended: writes fail, and NBD clients are told that they are done. Shut down every client of r0 " +
          "now; then bring the other mirror or the replication network back, and look at their data. `pulumi " +
          "up` has such I/O wait (on-no-data-accessible suspend-io)",
      );
    },
  );

  it("tells a primary that only waits for its peer to be fenced", () => {
    expect(
      concerns([
        "mirror-a",
        { connection: "WFConnection", peerRole: "Unknown", peerDisk: "DUnknown", suspended: true },
      ])[0],
    ).toContain("It has lost its peer and goes on when that is marked as outdated, or fenced");
  });
});
