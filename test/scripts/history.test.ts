import { describe, expect, test } from "vitest";
import { a, b, playedMirrors } from "./playedMirrors.ts";

const played = playedMirrors();
const { run, calls } = played;
const checksum = `sha256:${"a".repeat(64)}`;

/** What each mirror has on record of volume r0; "blank": its disk is new, a first synchronisation would begin there. */
function records(one: string, other: string): void {
  played.mirrors("idle", "idle");
  for (const [mirror, lines] of [
    [1, one],
    [2, other],
  ] as const) {
    if (lines === "blank") played.machine.ok(`touch /run/mirror/127.0.0.${mirror}/blank`);
    else played.machine.ok(`cat >/run/mirror/127.0.0.${mirror}/history`, lines);
  }
}
const both = () => ["one", a, played.hostKey(), "two", b, played.hostKey()];

describe("first-sync.sh", () => {
  const firstSync = (preferred: string, before = "", generation = "1") =>
    run(
      "first-sync.sh",
      ["r0", generation, "no", "60", preferred, ...both()],
      before === "" ? "" : `PULUMI_COMMAND_STDOUT='${before}'`,
    );

  test("a new volume has it on the preferred mirror, and then on record on the other one too", () => {
    records("blank", "blank");
    expect(firstSync("two")).toMatchObject({ status: 0, stdout: "first-sync 1\n" });
    expect(calls()).toEqual(["2 drbd-first-sync.sh r0 no 60 1", "1 volume-history.sh r0 first-sync 1 anew"]);
  });

  test.each([
    ["one mirror alone", "first-sync 1\nexported\n", "blank", ""],
    ["the other mirror alone", "blank", "first-sync 1\nexported\n", ""],
    ["the operator's state alone, after both OS disks were lost", "blank", "blank", "first-sync 1"],
  ])("what %s knows is on record on both before anything is synchronised", (_, one, other, before) => {
    records(one, other);
    expect(firstSync("one", before)).toMatchObject({ status: 0, stdout: "first-sync 1\n" });
    expect(calls().slice(0, 3)).toEqual([
      "1 volume-history.sh r0 first-sync 1",
      "2 volume-history.sh r0 first-sync 1",
      "1 drbd-first-sync.sh r0 no 60 1",
    ]);
  });

  test("a changed primary finds it done", () => {
    records("first-sync 1\n", "first-sync 1\n");
    expect(firstSync("two", "first-sync 1")).toMatchObject({ status: 0 });
    expect(calls().slice(2)).toEqual(["2 drbd-first-sync.sh r0 no 60 1", "1 volume-history.sh r0 first-sync 1"]);
  });

  test("the other mirror is told nothing when it did not begin", () => {
    records("blank", "blank");
    played.machine.ok("touch /run/mirror/127.0.0.1/drbd-first-sync.sh_r0_no_60_1");
    expect(firstSync("one")).toMatchObject({ status: 1, stdout: "" });
    expect(calls()).toEqual(["1 drbd-first-sync.sh r0 no 60 1"]);
  });

  test("what is on record of data that is no more goes with the generation that begins", () => {
    records("first-sync 1\nexported\n", "first-sync 1\nexported\n");
    played.machine.ok("touch /run/mirror/127.0.0.1/blank");
    expect(firstSync("one", "first-sync 1", "2")).toMatchObject({ status: 0, stdout: "first-sync 2\n" });
    expect(calls().slice(2)).toEqual(["1 drbd-first-sync.sh r0 no 60 2", "2 volume-history.sh r0 first-sync 2 anew"]);
  });
});

describe("preload.sh on the operator's machine", () => {
  const preload = (preferred: string) => run("preload.sh", ["r0", "/tmp/image", checksum, "raw", preferred, ...both()]);
  const told = (mirror: 1 | 2) => [
    `${mirror} preload.sh r0 /tmp/image ${checksum} raw`,
    `${3 - mirror} volume-history.sh r0 preloaded ${checksum}`,
  ];

  test.each([
    ["that had the first synchronisation, whichever is primary by now", "first-sync 1\nnew\n", "first-sync 1\n", 1],
    [
      "that has written it, whichever is primary by now",
      "first-sync 1\nexported\n",
      `first-sync 1\nexported\npreloaded ${checksum}\n`,
      2,
    ],
  ] as const)("asks the mirror %s", (_, one, other, asked) => {
    for (const preferred of ["one", "two"]) {
      records(one, other);
      expect(preload(preferred)).toMatchObject({ status: 0 });
      expect(calls()).toEqual(told(asked));
    }
  });

  test("refuses a volume that the mirror without the first synchronisation has exported", () => {
    records("first-sync 1\nnew\n", "first-sync 1\nexported\n");
    expect(preload("one")).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("refused: volume r0 was exported by two. Clients may have written to it"),
    });
    expect(calls()).toEqual([]);
  });
});
