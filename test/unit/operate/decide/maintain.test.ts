import { describe, expect, it, test } from "vitest";
import { decideDrain, missingAfterMaintenance } from "../../../../src/operate/decide/decideMaintenance.ts";
import type { GroupView } from "../../../../src/operate/observe/groupSight.ts";
import { type Volume, volumeState } from "../volumeState.ts";

const volume = (change: Partial<Volume> = {}) => volumeState("r0", change);
const view = (holder: string, change = {}, unreachable: readonly (readonly [string, string])[] = []): GroupView => ({
  group: "main",
  sights: ["mirror-a", "mirror-b"]
    .filter((mirror) => !unreachable.some(([name]) => name === mirror))
    .map((mirror) => ({ mirror, holds: mirror === holder, volumes: [volume(change)] })),
  unreachable: new Map(unreachable),
});

describe("draining a mirror", () => {
  it("moves the groups that run there", () => expect(decideDrain([view("mirror-a")], "mirror-b")).toEqual(["main"]));
  it("moves nothing the second time", () => expect(decideDrain([view("mirror-b")], "mirror-b")).toEqual([]));

  test.each([
    [
      "the other mirror does not answer",
      view("mirror-a", {}, [["mirror-b", "no route to host"]]),
      "mirror-b cannot be asked (no route to host)",
    ],
    [
      "the copies are apart",
      view("mirror-a", { connection: "WFConnection", peerDisk: "Outdated" }),
      "wait until it is Connected and UpToDate/UpToDate",
    ],
    [
      "nothing moves, but this is the only good copy",
      view("mirror-b", { disk: "Inconsistent", connection: "SyncTarget" }),
      "wait until it is Connected and UpToDate/UpToDate",
    ],
  ])("refuses when %s", (_, seen, words) => {
    expect(() => decideDrain([seen], "mirror-b")).toThrow(words);
  });
});

describe("back from maintenance", () => {
  test.each([
    ["is back", view("mirror-b"), []],
    [
      "does not answer yet",
      view("mirror-b", {}, [["mirror-a", "no route to host"]]),
      ["mirror-a does not answer (no route to host)"],
    ],
    [
      "still copies",
      view("mirror-b", { disk: "Inconsistent", connection: "SyncTarget" }),
      ["r0: SyncTarget, Secondary/Primary, Inconsistent/UpToDate"],
    ],
  ])("says when it %s", (_, seen, missing) => {
    expect(missingAfterMaintenance([seen], "mirror-a")).toEqual(missing);
  });

  it("does not wait for what does not come by itself", () => {
    expect(() => missingAfterMaintenance([view("mirror-b", { connection: "StandAlone" })], "mirror-a")).toThrow(
      "kvm-mirror recover r0",
    );
  });
});
