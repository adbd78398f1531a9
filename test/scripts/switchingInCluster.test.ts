import { beforeEach, describe, expect, test } from "vitest";
import { a, b, playedMirrors } from "./playedMirrors.ts";

const played = playedMirrors();
const { run, mirrors } = played;

/** The owner of a pause is made up for each switch: which one a call names, in the order in which they come. */
function calls(): readonly string[] {
  const owners: string[] = [];
  return played.calls().map((call) =>
    call.replace(/(main-[0-9a-f]{8})/, (owner) => {
      if (!owners.includes(owner)) owners.push(owner);
      return `OWNER${owners.indexOf(owner)}`;
    }),
  );
}

const paused = ["2 cluster-pause.sh OWNER0", "1 cluster-pause.sh OWNER0"];
const handedOver = ["2 group-start.sh main --take-over", "1 group-stop.sh main --hand-over"];
const awake = ["2 cluster-resume.sh OWNER0 90", "1 cluster-resume.sh OWNER0 90"];

describe("switch-in-cluster.sh", () => {
  const change = () => run("switch-in-cluster.sh", ["main", a, played.hostKey(), b, played.hostKey(), "90"]);

  test("the mirrors hand over while the cluster is paused, on both mirrors' clocks", () => {
    mirrors("serving", "idle");
    expect(change()).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("group main moved from root@127.0.0.1 to root@127.0.0.2"),
    });
    expect(calls()).toEqual([...paused, ...handedOver, ...awake]);
  });

  test("asks for no pause on the other mirror when the first does not give it, and ends what it may have", () => {
    mirrors("serving", "idle", "127.0.0.2/cluster-pause.sh");
    expect(change()).toMatchObject({ status: 3 });
    expect(calls()).toEqual([...paused.slice(0, 1), ...awake]);
  });

  test("each switch has a pause of its own", () => {
    mirrors("serving", "idle");
    for (const _ of ["once", "twice"]) {
      played.machine.ok("echo serving >/run/mirror/127.0.0.1/does; echo idle >/run/mirror/127.0.0.2/does");
      expect(change()).toMatchObject({ status: 0 });
    }
    expect(calls().filter((call) => call.includes("pause"))).toEqual([
      ...paused,
      ...paused.map((call) => call.replace("OWNER0", "OWNER1")),
    ]);
  });

  test("the cluster is awake again after a switch that failed", () => {
    mirrors("serving", "idle", "127.0.0.2/group-start.sh_main_--take-over");
    expect(change()).toMatchObject({ status: 1, stderr: expect.stringContaining("group main stays where it is") });
    expect(calls()).toEqual([...paused, "2 group-start.sh main --take-over", ...awake]);
  });

  test("nothing moves when it is not paused on both, and what is paused wakes again", () => {
    mirrors("serving", "idle", "127.0.0.1/cluster-pause.sh");
    expect(change()).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("group main stays where it is: the cluster could not be paused"),
    });
    expect(calls()).toEqual([...paused, ...awake]);
    expect(played.machine.ok("cat /run/mirror/127.0.0.1/does")).toBe("serving");
  });

  test("says so when the group moved and the cluster does not go on, having tried it on both", () => {
    mirrors("serving", "idle", "127.0.0.2/cluster-resume.sh");
    expect(change()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("the cluster did not resume"),
    });
    expect(calls()).toEqual([...paused, ...handedOver, ...awake]);
  });

  test("refuses words that are no group, mirror or time", () => {
    for (const args of [
      ["main", a, "key"],
      ["main;id", a, played.hostKey(), b, played.hostKey(), "90"],
      ["main", a, played.hostKey(), b, played.hostKey(), "soon"],
    ]) {
      expect(run("switch-in-cluster.sh", args)).toMatchObject({ status: 2 });
    }
  });
});

describe("place-in-cluster.sh", () => {
  const place = (preferred: string, before = "") =>
    run(
      "place-in-cluster.sh",
      ["main", preferred, "90", "one", a, played.hostKey(), "two", b, played.hostKey()],
      before === "" ? "" : `PULUMI_COMMAND_STDOUT='preferred ${before}'`,
    );
  const runsOn = (mirror: string) => played.machine.ok(`echo ${mirror} >/run/mirror/where`);
  beforeEach(() => mirrors("serving", "idle"));

  test("leaves a group that runs where it is preferred, and remembers that", () => {
    runsOn("one");
    expect(place("one")).toMatchObject({ status: 0, stdout: "preferred one\n" });
    expect(calls()).toEqual([]);
  });

  test("leaves a group where a failure or an operator has moved it", () => {
    runsOn("one");
    expect(place("two", "two")).toMatchObject({
      status: 0,
      stdout: "preferred two\n",
      stderr: expect.stringContaining("group main stays on one: it was moved there"),
    });
    expect(calls()).toEqual([]);
  });

  test.each(["one", ""])(
    "switches it with the cluster paused when another mirror is preferred than before (%j)",
    (before) => {
      runsOn("one");
      expect(place("two", before)).toMatchObject({ status: 0, stdout: "preferred two\n" });
      expect(calls()).toEqual([...paused, ...handedOver, ...awake]);
    },
  );

  test("switches it the other way, too", () => {
    mirrors("idle", "serving");
    runsOn("two");
    expect(place("one", "two")).toMatchObject({ status: 0 });
    expect(calls()).toEqual([
      "1 cluster-pause.sh OWNER0",
      "2 cluster-pause.sh OWNER0",
      "1 group-start.sh main --take-over",
      "2 group-stop.sh main --hand-over",
      "1 cluster-resume.sh OWNER0 90",
      "2 cluster-resume.sh OWNER0 90",
    ]);
  });

  test("forgets nothing when the switch fails, so that the next `up` tries again", () => {
    mirrors("serving", "idle", "127.0.0.1/cluster-pause.sh");
    runsOn("one");
    expect(place("two", "one")).toMatchObject({ status: 3, stdout: "" });
  });

  test("does nothing while the group runs nowhere", () => {
    mirrors("serving", "idle", "127.0.0.1/cluster-where.sh_main_90");
    expect(place("two", "one")).toMatchObject({ status: 1, stdout: "" });
    expect(calls()).toEqual([]);
  });
});

test("a group that follows a client is placed where it runs, and goes after the client with the cluster paused", () => {
  mirrors("serving", "idle");
  played.machine.ok("echo one >/run/mirror/where");
  const both = ["one", a, played.hostKey(), "two", b, played.hostKey()];
  const before = "PULUMI_COMMAND_STDOUT='preferred one'";
  expect(run("place-in-cluster.sh", ["--stay", "main", "two", "90", ...both], before)).toMatchObject({ status: 0 });
  expect(calls()).toEqual([]);
  expect(run("follow-group.sh", ["main", "app-1", "two", "90", ...both], before)).toMatchObject({
    status: 0,
    stdout: "preferred two\n",
  });
  expect(calls()).toEqual([...paused, ...handedOver, ...awake]);
});
