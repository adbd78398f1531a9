/** What the journals of two mirrors come to, as `kvm-mirror history` shows it. */
import { describe, expect, it } from "vitest";
import { makeInventory } from "../../../../src/inventory/makeInventory.ts";
import { historyOf } from "../../../../src/operate/history/historyOf.ts";
import { parseJournal } from "../../../../src/operate/history/journal.ts";
import { renderHistory } from "../../../../src/operate/tell/renderHistory.ts";
import { planOf } from "../../render/sample.ts";
import { journal, line, ran } from "./lines.ts";

const site = makeInventory(planOf());
/** 2026-11-27 12:00:00 UTC. */
const noon = 1_795_780_800;
const role = (at: number, words: string) => line("kernel", noon + at, `block drbd0: role( ${words} )`);
const peer = (at: number, words: string) => line("kernel", noon + at, `drbd r0/0 drbd0: peer( ${words} )`);
const record = (at: number, id: string, words: string) =>
  line("record", noon + at, `${id} ops@desk from 10.30.0.5 ${words}`);

/** @param answers what each mirror prints; one that is left out does not answer */
function shown(answers: Readonly<Record<string, string>>): string {
  const read = new Map(Object.entries(answers).map(([mirror, text]) => [mirror, parseJournal(text)] as const));
  const journals = new Map(
    site.mirrors.map(({ name }) => {
      const state = read.get(name);
      return [name, state ? { state } : { unreachable: "no route to host" }] as const;
    }),
  );
  return `\n${renderHistory({ stack: "unit", since: noon, journals, events: historyOf(site, read) })}`;
}

describe("a planned switch", () => {
  const a = [
    record(0, "0123abcd", "begins: switch all --to mirror-b"),
    ran(noon + 2, "group-stop.sh main --hand-over"),
    role(3, "Primary -> Secondary"),
    peer(4, "Secondary -> Primary"),
    record(6, "0123abcd", "done: switch all --to mirror-b"),
  ];
  const b = [
    record(0, "0123abcd", "begins: switch all --to mirror-b"),
    ran(noon + 1, "group-start.sh main --take-over"),
    peer(3, "Primary -> Secondary"),
    role(4, "Secondary -> Primary"),
    record(6, "0123abcd", "done: switch all --to mirror-b"),
  ];

  it("is told once, by whom it was", () =>
    expect(shown({ "mirror-a": journal(...a), "mirror-b": journal(...b) })).toMatchInlineSnapshot(`
      "
      History of stack unit since 2026-11-27 12:00:00 UTC, in UTC
        2026-11-27 12:00:00  ops@desk  switch all --to mirror-b; from 10.30.0.5; done in 6 s
        2026-11-27 12:00:03  mirror-a  main (r0): Primary -> Secondary; switch all --to mirror-b by ops@desk
        2026-11-27 12:00:04  mirror-b  main (r0): Secondary -> Primary; switch all --to mirror-b by ops@desk
      "
    `));

  it("is told by the mirror that is left, in its own words, with what it does not know", () =>
    expect(shown({ "mirror-b": journal(...b) })).toMatchInlineSnapshot(`
      "
      History of stack unit since 2026-11-27 12:00:00 UTC, in UTC
        ! mirror-a cannot be asked (no route to host): this is what the other mirror knows
        2026-11-27 12:00:00  ops@desk  switch all --to mirror-b; from 10.30.0.5; done in 6 s
        2026-11-27 12:00:03  mirror-a  main (r0): Primary -> Secondary; switch all --to mirror-b by ops@desk (as mirror-b saw it)
        2026-11-27 12:00:04  mirror-b  main (r0): Secondary -> Primary; switch all --to mirror-b by ops@desk
      "
    `));

  it("is a planned switch also where no record of a command was left", () => {
    const without = (lines: readonly string[]) => journal(...lines.filter((one) => !one.includes("0123abcd")));
    expect(shown({ "mirror-a": without(a), "mirror-b": without(b) })).toMatchInlineSnapshot(`
      "
      History of stack unit since 2026-11-27 12:00:00 UTC, in UTC
        2026-11-27 12:00:03  mirror-a  main (r0): Primary -> Secondary; planned switch
        2026-11-27 12:00:04  mirror-b  main (r0): Secondary -> Primary; planned switch
      "
    `);
  });
});

describe("a failover", () => {
  const lost = line(
    "kernel",
    noon,
    "drbd r0: peer( Primary -> Unknown ) conn( Connected -> NetworkFailure ) pdsk( UpToDate -> DUnknown )",
  );
  it("by hand is told by the survivor: what it lost, who was there, and what was typed", () => {
    const words = "failover all (typed: mirror-a is off and stays off, and wrote nothing that mirror-b lacks)";
    const b = [
      lost,
      record(60, "89abcdef", `begins: ${words}`),
      ran(noon + 63, "group-start.sh main --peer-said-off mirror-a"),
      role(65, "Secondary -> Primary"),
      record(70, "89abcdef", `done: ${words}`),
    ];
    expect(shown({ "mirror-b": journal(...b) })).toMatchInlineSnapshot(`
      "
      History of stack unit since 2026-11-27 12:00:00 UTC, in UTC
        ! mirror-a cannot be asked (no route to host): this is what the other mirror knows
        2026-11-27 12:00:00  mirror-b  main (r0): lost its peer, which was Primary
        2026-11-27 12:01:00  ops@desk  failover all (typed: mirror-a is off and stays off, and wrote nothing that mirror-b lacks); from 10.30.0.5; done in 10 s
        2026-11-27 12:01:05  mirror-b  main (r0): Secondary -> Primary; failover all, with a typed phrase, by ops@desk
      "
    `);
  });

  it("by the cluster says whom it fenced, and why where it knows", () => {
    const failed =
      "warning: Unexpected result (error: the data disk of volume r0 has answered nothing for 30 s) was recorded for " +
      "monitor of exports-main on mirror-a at Nov 27 12:00:04 2026";
    const b = [
      lost,
      line("cluster", noon + 5, failed),
      line(
        "cluster",
        noon + 20,
        "notice: Operation 'reboot' targeting mirror-a by mirror-b for pacemaker-controld.10@mirror-b: OK (complete)",
      ),
      line("cluster", noon + 30, " notice: Requesting local execution of promote operation for drbd-r0 on mirror-b"),
      role(31, "Secondary -> Primary"),
    ];
    const a = [line("kernel", noon + 60, "Linux version 6.1.0-28-amd64"), peer(70, "Unknown -> Primary")];
    const found = peer(70, "Unknown -> Secondary");
    const others = b.map((entry) => entry.replace("exports-main on mirror-a", "exports-main on mirror-b"));
    expect(shown({ "mirror-b": journal(...others) })).toContain("mirror-a  was turned off by the cluster\n");
    expect(shown({ "mirror-a": journal(...a), "mirror-b": journal(...b, found) })).toMatchInlineSnapshot(`
      "
      History of stack unit since 2026-11-27 12:00:00 UTC, in UTC
        2026-11-27 12:00:00  mirror-b            main (r0): lost its peer, which was Primary
        2026-11-27 12:00:20  mirror-a            was turned off by the cluster: the data disk of volume r0 has answered nothing for 30 s
        2026-11-27 12:00:31  mirror-b            main (r0): Secondary -> Primary; by the cluster: mirror-a was fenced
        2026-11-27 12:01:00  mirror-a            boots
        2026-11-27 12:01:10  mirror-a, mirror-b  main (r0): have each other again (mirror-a Secondary, mirror-b Primary)
      "
    `);
  });
});

describe("a role that changed", () => {
  const unit = (at: number, verb: string) =>
    line("unit", noon + at, `${verb} kvm-mirror-group@main.service - Group main`);
  const reasons = (lines: readonly string[]): readonly string[] =>
    historyOf(site, new Map([["mirror-a", parseJournal(journal(...lines))]])).flatMap((event) =>
      event.kind === "role" ? [event.reason] : [],
    );

  it.each([
    ["at boot", "at boot", [unit(-60, "Starting")], "Secondary -> Primary"],
    ["at shutdown", "at shutdown", [unit(-60, "Started"), unit(-1, "Stopping")], "Primary -> Secondary"],
    ["long after a boot", "unknown: not by a command of kvm-mirror", [unit(-9, "Finished")], "Secondary -> Primary"],
    ["by a first sync", "first synchronisation", [ran(noon - 1, "drbd-first-sync.sh r0 1")], "Secondary -> Primary"],
    [
      "by a failover to an outdated copy",
      "failover by hand, to an outdated copy",
      [ran(noon - 9, "group-start.sh main --stale-copy mirror-b")],
      "Secondary -> Primary",
    ],
    [
      "by a script that somebody ran by hand",
      "group-stop.sh main, as storage",
      [ran(noon - 9, "group-stop.sh main")],
      "Primary -> Secondary",
    ],
    [
      "by DRBD's own tool",
      "drbdadm primary r0, as storage",
      [line("sudo", noon - 1, " storage : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/sbin/drbdadm primary r0")],
      "Secondary -> Primary",
    ],
    [
      "by nobody that sudo let",
      "unknown: not by a command of kvm-mirror",
      [line("sudo", noon - 1, " eve : command not allowed ; PWD=/ ; USER=root ; COMMAND=/usr/sbin/drbdadm primary r0")],
      "Secondary -> Primary",
    ],
    [
      "of another group's script",
      "unknown: not by a command of kvm-mirror",
      [ran(noon - 9, "group-start.sh other --take-over")],
      "Secondary -> Primary",
    ],
    [
      "long after a script",
      "unknown: not by a command of kvm-mirror",
      [ran(noon - 600, "group-start.sh main")],
      "Secondary -> Primary",
    ],
    [
      "by the cluster, with nobody fenced",
      "by the cluster",
      [line("cluster", noon - 1, "notice: Result of demote operation for drbd-r0 on mirror-a: ok")],
      "Primary -> Secondary",
    ],
    [
      "by `pulumi up`",
      "pulumi up: place-group.sh main by ops@desk",
      [record(-20, "00000001", "begins: pulumi up: place-group.sh main")],
      "Secondary -> Primary",
    ],
    [
      "while a command on another volume was at work",
      "unknown: not by a command of kvm-mirror",
      [record(-20, "00000001", "begins: switch r9 --to mirror-a")],
      "Secondary -> Primary",
    ],
    [
      "after a command had ended",
      "unknown: not by a command of kvm-mirror",
      [record(-20, "00000001", "begins: switch r0 --to mirror-a"), record(-9, "00000001", "failed: switch r0: no")],
      "Secondary -> Primary",
    ],
  ])("says why: %s", (_, why, before, change) => expect(reasons([...before, role(0, change)])).toEqual([why]));
});

describe("volumes of a group", () => {
  it("go together on one line, and those of nobody by their devices", () => {
    const [main] = site.groups;
    const devices = site.volumes.filter(({ group }) => group === main?.name).map(({ device }) => device.slice(5));
    const lines = [...devices, "drbd77"].map((device, index) =>
      line("kernel", noon + index, `block ${device}: role( Secondary -> Primary )`),
    );
    expect(shown({ "mirror-a": journal(...lines), "mirror-b": journal() })).toMatchInlineSnapshot(`
      "
      History of stack unit since 2026-11-27 12:00:00 UTC, in UTC
        2026-11-27 12:00:00  mirror-a  main (r0, r1): Secondary -> Primary; unknown: not by a command of kvm-mirror
        2026-11-27 12:00:02  mirror-a  drbd77: Secondary -> Primary; unknown: not by a command of kvm-mirror
      "
    `);
  });
});

describe("a command", () => {
  it("shows what it was told to say, and nothing to a terminal", () => {
    const torn = record(5, "00000002", "begins: switch").slice(0, -9);
    const hostile = line("record", noon + 1, "00000003 x@y from 10.30.0.5 begins: a\u001b]0;title\u0007\u001b[2Jb");
    const failed = "failed: failover all: mirror-a could not be turned off";
    expect(
      shown({
        "mirror-a": journal(record(0, "00000001", "begins: failover all"), hostile, torn),
        "mirror-b": journal(record(9, "00000001", failed)),
      }),
    ).toMatchInlineSnapshot(`
      "
      History of stack unit since 2026-11-27 12:00:00 UTC, in UTC
        ! lines of the journal of mirror-a that cannot be read: 1
        2026-11-27 12:00:00  ops@desk  failover all; from 10.30.0.5; failed: mirror-a could not be turned off
        2026-11-27 12:00:01  x@y       a?]0;title??[2Jb; from 10.30.0.5; no end on record: at work, or interrupted
      "
    `);
  });
});
