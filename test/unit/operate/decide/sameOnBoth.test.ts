import { describe, expect, it } from "vitest";
import { decideDrain, missingAfterMaintenance } from "../../../../src/operate/decide/decideMaintenance.ts";
import { decideSwitch } from "../../../../src/operate/decide/decideSwitch.ts";
import { type GroupView, viewGroup } from "../../../../src/operate/observe/groupSight.ts";
import { unequal } from "../../../../src/operate/decide/sameOnBoth.ts";
import type { MirrorState } from "../../../../src/operate/observe/states.ts";
import type { Inventory } from "../../../../src/inventory/inventory.ts";
import { type Volume, volumeState } from "../volumeState.ts";

const volume = (configuration?: string): Volume =>
  volumeState("r0", configuration === undefined ? {} : { configuration });

/** What one mirror has: its group's and its volume's configuration. */
interface Has {
  readonly group: string | undefined;
  readonly volume?: string;
}
const view = (a: Has, b: Has): GroupView => ({
  group: "main",
  sights: (
    [
      ["mirror-a", a],
      ["mirror-b", b],
    ] as const
  ).map(([mirror, has]) => ({
    mirror,
    holds: mirror === "mirror-a",
    volumes: [volume(has.volume)],
    configuration: has.group,
  })),
  unreachable: new Map(),
});
const same = view({ group: "1", volume: "2" }, { group: "1", volume: "2" });
const missed = view({ group: "1" }, { group: "9" });

describe("what both mirrors must have alike", () => {
  it("is compared where both say it", () => {
    expect([
      unequal(same),
      unequal(view({ group: "1" }, { group: undefined })),
      unequal({ ...missed, sights: missed.sights.slice(1) }),
    ]).toEqual([[], [], []]);
    expect([
      unequal(missed),
      unequal(view({ group: "1", volume: "2" }, { group: "1", volume: "9" })),
    ]).toMatchInlineSnapshot(`
      [
        [
          "group main: exports and admissions of mirror-a and mirror-b are not the same; \`pulumi up\` makes them so (where it shows no change: count kvm-mirror:installAgain up in the stack file first)",
        ],
        [
          "volume r0: the DRBD settings of mirror-a and mirror-b are not the same; \`pulumi up\` makes them so (where it shows no change: count kvm-mirror:installAgain up in the stack file first)",
        ],
      ]
    `);
  });

  it("counts a group that one mirror does not have", () => {
    const inventory = {
      mirrors: [{ name: "mirror-a" }, { name: "mirror-b" }],
      groups: [{ name: "main", volumes: ["r0"] }],
    } as unknown as Inventory;
    const state = (mirror: string, groups: MirrorState["groups"]): { state: MirrorState } => ({
      state: { mirror, drbdVersion: "8.4.11", volumes: [], groups, attached: [], cluster: null },
    });
    const main = { name: "main", vip: true, enabled: true, nbd: true, iscsi: null, configuration: "1" };
    const seen = {
      mirrors: new Map([
        ["mirror-a", state("mirror-a", [main])],
        ["mirror-b", state("mirror-b", [])],
      ]),
      hosts: new Map(),
    };
    expect(unequal(viewGroup(inventory, seen, "main"))).toHaveLength(1);
  });

  it("keeps a group where its clients are admitted", () => {
    expect(decideSwitch(same, "mirror-b")).toEqual({ kind: "move", from: "mirror-a" });
    expect(() => decideSwitch(missed, "mirror-b")).toThrow(
      "group main stays on mirror-a, where its clients are admitted: group main: exports and " +
        "admissions of mirror-a and mirror-b are not the same; `pulumi up` makes them so",
    );
    expect(() => decideDrain([missed], "mirror-b")).toThrow("group main stays on mirror-a");
    // The standby may go down: nothing depends on what it has.
    expect(decideDrain([missed], "mirror-a")).toEqual([]);
  });

  it("ends a maintenance in which a mirror has missed a change", () => {
    expect(missingAfterMaintenance([same], "mirror-b")).toEqual([]);
    expect(() => missingAfterMaintenance([missed], "mirror-b")).toThrow(
      "mirror-b is back and UpToDate, but must not take anything over yet",
    );
  });
});
