import { describe, expect, it } from "vitest";
import { weighed } from "../../../../src/operate/decide/elsewhere.ts";
import type { Evidence } from "../../../../src/operate/observe/evidence.ts";
import type { GroupView } from "../../../../src/operate/observe/groupSight.ts";
import { volumeState } from "../volumeState.ts";

const died = Date.UTC(2026, 10, 28, 9, 0, 0) / 1000;
const off: Evidence = { domain: "off", marks: new Map(), alive: died };
const sight = (mirror: string, ...heard: readonly (number | null)[]) => ({
  mirror,
  holds: false,
  volumes: heard.map((heardUntil, index) => volumeState(`r${index}`, { heardUntil })),
});
const view = (...sights: GroupView["sights"]): GroupView => ({ group: "main", sights, unreachable: new Map() });
const weigh = (known: Evidence, ...heard: readonly (number | null)[]) =>
  weighed(known, "mirror-a", [view(sight("mirror-b", ...heard))]);

describe("a mirror that is off by the word of its own KVM host", () => {
  it("is off when the other mirror has not heard it since its last sign of life, but for DRBD's notice", () => {
    for (const later of [-3600, 0, 22, 90]) expect(weigh(off, died + later)).toBe(off);
  });

  it("runs elsewhere when the other mirror has heard it later, by any volume of any group", () => {
    const moved = {
      domain: "moved",
      marks: undefined,
      why:
        "it was heard until 2026-11-28 09:10:00 UTC, and the disks that its own KVM host has were last in use at " +
        "2026-11-28 09:00:00 UTC",
    };
    expect(weigh(off, null, died, died + 600)).toEqual(moved);
    expect(weighed(off, "mirror-a", [view(sight("mirror-b", died)), view(sight("mirror-b", died + 600))])).toEqual(
      moved,
    );
  });

  it("is off when nobody knows when it was heard, or it never left a sign", () => {
    expect(weigh(off)).toBe(off);
    expect(weigh(off, null)).toBe(off);
    const old: Evidence = { domain: "off", marks: new Map() };
    expect(weigh(old, died + 600)).toBe(old);
  });

  it("runs elsewhere when it answers", () => {
    expect(weighed(off, "mirror-a", [view(sight("mirror-a", null), sight("mirror-b", died))])).toMatchObject({
      domain: "moved",
      why: "it answers, and its own KVM host says that it is off",
    });
  });
});

it.each(["running", "unknown", "moved"] as const)("what is %s stays so", (domain) => {
  const known: Evidence = { domain, marks: undefined, alive: died };
  expect(weigh(known, died + 600)).toBe(known);
});
