import { beforeEach, describe, expect, test } from "vitest";
import { a, b, playedMirrors } from "./playedMirrors.ts";

const played = playedMirrors();
const { run, calls, mirrors } = played;

describe("switch-group.sh", () => {
  const change = () => run("switch-group.sh", ["main", a, played.hostKey(), b, played.hostKey()]);
  test("the other mirror is ready before the first lets go", () => {
    mirrors("serving", "idle");
    expect(change()).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("group main moved from root@127.0.0.1 to root@127.0.0.2"),
    });
    expect(calls()).toEqual(["2 group-start.sh main --take-over", "1 group-stop.sh main --hand-over"]);
  });

  test.each([
    ["tells the first to leave quietly, and the other one whom it left", ["127.0.0.2/ends-connections"], "quietly"],
    ["has the first tell its clients when the other one cannot end their connections", [], "aloud"],
  ])("%s", (_, files, how) => {
    mirrors("serving", "idle", ...files);
    expect(change()).toMatchObject({ status: 0 });
    expect(played.machine.ok("cat /run/mirror/how")).toBe(how);
    const clients = how === "quietly" ? ["client 10.20.0.10:10809 10.20.0.2:50001", "all told"] : [];
    // The last word is the caller's own: for mirrors that say nothing.
    expect([...clients, "all told"].join("\n")).toContain(played.machine.ok("cat /run/mirror/heard"));
    expect(played.machine.ok("cat /run/mirror/heard").split("\n")).toEqual(expect.arrayContaining([...clients]));
  });

  test("nothing is touched when the other one cannot take it", () => {
    mirrors("serving", "idle", "127.0.0.2/group-start.sh_main_--take-over");
    expect(change()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("group main stays where it is: root@127.0.0.2 cannot take it"),
    });
    expect(calls()).toEqual(["2 group-start.sh main --take-over"]);
  });

  test("the first serves again when it cannot let go, and the other one is called off", () => {
    mirrors("serving", "idle", "127.0.0.1/group-stop.sh_main_--hand-over");
    expect(change()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(
        "group main did not leave root@127.0.0.1, for the reason above. It serves there as before",
      ),
    });
    expect(calls()).toEqual([
      "2 group-start.sh main --take-over",
      "1 group-stop.sh main --hand-over",
      "called off",
      "1 group-start.sh main",
    ]);
  });

  test("stays where it is when the first refuses to let go: nothing was stopped there, nothing is started anew", () => {
    mirrors("serving", "idle", "127.0.0.1/group-stop.sh_main_--hand-over");
    played.machine.ok("echo 3 >/run/mirror/127.0.0.1/group-stop.sh_main_--hand-over");
    expect(change()).toMatchObject({
      status: 3,
      stderr: expect.stringContaining(
        "group main stays on root@127.0.0.1, which refuses to let it go, for the reason above",
      ),
    });
    expect(calls()).toEqual(["2 group-start.sh main --take-over", "1 group-stop.sh main --hand-over", "called off"]);
  });

  test("the first serves again when the other one does not take what it let go", () => {
    mirrors("serving", "idle", "127.0.0.2/cannot-take");
    expect(change()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(
        "root@127.0.0.2 did not take group main, for the reason above. root@127.0.0.1 serves it again",
      ),
    });
    expect(calls()).toEqual([
      "2 group-start.sh main --take-over",
      "1 group-stop.sh main --hand-over",
      "1 group-start.sh main",
    ]);
  });

  test("says so when nobody serves any more", () => {
    mirrors("serving", "idle", "127.0.0.2/cannot-take", "127.0.0.1/group-start.sh_main");
    expect(change()).toMatchObject({ status: 1, stderr: expect.stringContaining("No client can use it now") });
  });
});

describe("place-group.sh", () => {
  const place = (preferred: string, before = "") =>
    run(
      "place-group.sh",
      ["main", preferred, "one", a, played.hostKey(), "two", b, played.hostKey()],
      before === "" ? "" : `PULUMI_COMMAND_STDOUT='preferred ${before}'`,
    );
  beforeEach(() => mirrors("idle", "idle"));
  const startedOn = (mirror: 1 | 2) => [`${3 - mirror} group-stop.sh main`, `${mirror} group-start.sh main`];

  test("starts a new group where it is preferred, and remembers that", () => {
    expect(place("one")).toMatchObject({ status: 0, stdout: "preferred one\n" });
    expect(calls()).toEqual(startedOn(1));
  });

  test.each([
    ["runs", "serving"],
    ["ran last", "waiting"],
  ])("leaves a group where it %s", (_, does) => {
    mirrors("idle", does);
    expect(place("one", "one")).toMatchObject({
      status: 0,
      stdout: "preferred one\n",
      stderr: expect.stringContaining("group main stays on two: it was moved there"),
    });
    expect(calls()).toEqual(startedOn(2));
  });

  test("switches it when another mirror is preferred than before", () => {
    mirrors("serving", "idle");
    expect(place("two", "one")).toMatchObject({ status: 0, stdout: "preferred two\n" });
    expect(calls()).toEqual([...startedOn(1), "2 group-start.sh main --take-over", "1 group-stop.sh main --hand-over"]);
    expect(place("two", "two")).toMatchObject({ status: 0 });
    expect(played.machine.ok("cat /run/mirror/*/does")).toBe("idle\nserving");
  });

  test("a preference that was met already, by an operator, moves nothing", () => {
    mirrors("idle", "serving");
    expect(place("two", "one")).toMatchObject({ status: 0, stdout: "preferred two\n" });
    expect(calls()).toEqual(startedOn(2));
  });

  test("refuses when both serve", () => {
    mirrors("serving", "serving");
    expect(place("one", "one")).toMatchObject({
      status: 1,
      stdout: "",
      stderr: expect.stringContaining("group main is served by both one and two"),
    });
    expect(calls()).toEqual([]);
  });

  test("starts nothing while a mirror cannot be asked", () => {
    mirrors("serving", "idle", "127.0.0.2/group-where.sh_main");
    expect(place("one", "one")).toMatchObject({ status: 1, stdout: "" });
    expect(calls()).toEqual([]);
  });
});

describe("a group that follows a client", () => {
  const mirrorsOf = () => ["one", a, played.hostKey(), "two", b, played.hostKey()];
  const remembered = (before: string) => (before === "" ? "" : `PULUMI_COMMAND_STDOUT='preferred ${before}'`);
  const follow = (preferred: string, before = "") =>
    run("follow-group.sh", ["main", "app-1", preferred, "-", ...mirrorsOf()], remembered(before));

  test("is placed where it runs, whatever is preferred now, so that its client can start", () => {
    mirrors("serving", "idle");
    expect(run("place-group.sh", ["--stay", "main", "two", ...mirrorsOf()], remembered("one"))).toMatchObject({
      status: 0,
      stdout: "preferred two\n",
      stderr: expect.stringContaining("group main runs on one"),
    });
    expect(calls()).toEqual(["2 group-stop.sh main", "1 group-start.sh main"]);
  });

  test.each(["one", ""])("goes after it once, when the client runs (before: %j)", (before) => {
    mirrors("serving", "idle");
    expect(follow("two", before)).toMatchObject({ status: 0, stdout: "preferred two\n" });
    expect(calls()).toEqual(["2 group-start.sh main --take-over", "1 group-stop.sh main --hand-over"]);
    expect(follow("two", "two")).toMatchObject({ stderr: expect.stringContaining("runs on two, beside client app-1") });
  });

  test("stays where an operator or a failure has moved it", () => {
    mirrors("serving", "idle");
    expect(follow("two", "two")).toMatchObject({
      status: 0,
      stdout: "preferred two\n",
      stderr: expect.stringContaining("group main stays on one: it was moved there. To move it back beside client"),
    });
    expect(calls()).toEqual([]);
  });

  test("that cannot move now is tried again by the next `up`, and served meanwhile", () => {
    mirrors("serving", "idle", "127.0.0.2/group-start.sh_main_--take-over");
    expect(follow("two", "one")).toMatchObject({
      status: 1,
      stdout: "",
      stderr: expect.stringContaining("group main does not follow client app-1 to two, for the reason above."),
    });
    expect(played.machine.ok("cat /run/mirror/*/does")).toBe("serving\nidle");
  });

  test("that runs nowhere, or twice, is not moved", () => {
    for (const [one, two, words] of [
      ["idle", "waiting", "group main runs on neither one nor two"],
      ["serving", "serving", "group main is served by both one and two"],
    ] as const) {
      mirrors(one, two);
      expect(follow("two", "one")).toMatchObject({ status: 1, stderr: expect.stringContaining(words) });
      expect(calls()).toEqual([]);
    }
  });
});
