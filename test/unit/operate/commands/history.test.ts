/** `kvm-mirror history`, on mirrors that are played. */
import { gzipSync } from "node:zlib";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { makeInventory } from "../../../../src/inventory/makeInventory.ts";
import { history } from "../../../../src/operate/commands/history.ts";
import { screenOn } from "../../../../src/operate/tell/screen.ts";
import { Refused } from "../../../../src/refused.ts";
import { planOf } from "../../render/sample.ts";
import { journal, line } from "../history/lines.ts";

const inventory = makeInventory(planOf());
/** What a mirror prints; undefined: no answer. */
let answers: (mirror: string) => string | undefined;
let asked: string[];
vi.mock("../../../../src/operate/stack/readInventory.ts", () => ({ readInventory: () => inventory }));
vi.mock("../../../../src/operate/remote/runScript.ts", async (actual) => ({
  ...(await actual<object>()),
  askMirror: async ({ name }: { name: string }, _: unknown, ...words: string[]) => {
    asked.push([name, ...words].join(" "));
    const said = answers(name);
    if (said === undefined) throw new Error("no route to host");
    return said;
  },
}));

const packed = (text: string): string => gzipSync(text).toString("base64");
const noon = 1_795_780_800;
const told = packed(journal(line("kernel", noon + 60, "block drbd0: role( Secondary -> Primary )")));
let shown: string;
beforeEach(() => {
  [shown, asked, answers] = ["", [], (mirror) => (mirror === "mirror-a" ? told : packed(journal()))];
});
const run = (change: { readonly since?: string; readonly json?: boolean } = {}) =>
  history({
    stack: inventory.stack,
    screen: screenOn({ write: (text) => void (shown += text) }, { write: () => undefined }),
    ...{ since: "2026-11-27 12:00", json: false, ...change },
  });

describe("history", () => {
  it("asks both mirrors for the time, and shows a line an event", async () => {
    await run();
    expect(asked.toSorted()).toEqual([`mirror-a history.sh ${noon}`, `mirror-b history.sh ${noon}`]);
    expect(shown).toMatchInlineSnapshot(`
      "History of stack unit since 2026-11-27 12:00:00 UTC, in UTC
        2026-11-27 12:01:00  mirror-a  main (r0): Secondary -> Primary; unknown: not by a command of kvm-mirror
      "
    `);
  });

  it("is a document for a machine", async () => {
    await run({ json: true });
    expect(JSON.parse(shown)).toMatchInlineSnapshot(`
      {
        "events": [
          {
            "at": 1795780860,
            "from": "Secondary",
            "group": "main",
            "kind": "role",
            "mirror": "mirror-a",
            "reason": "unknown: not by a command of kvm-mirror",
            "seenBy": [
              "mirror-a",
            ],
            "to": "Primary",
            "volumes": [
              "r0",
            ],
          },
        ],
        "missing": [],
        "since": 1795780800,
        "stack": "unit",
      }
    `);
  });

  it.each([
    ["does not answer", undefined, "mirror-b cannot be asked (no route to host): this is what the other mirror knows"],
    ["was cut off", told.slice(0, 30), "mirror-b cannot be asked (unexpected end of file)"],
    ["says something else", packed("no such script\n"), "mirror-b cannot be asked (its answer does not begin with"],
    ["has an empty journal", packed("journal - whole\n\n"), "the journal of mirror-b is empty"],
    [
      "knows nothing of then",
      packed(`journal ${noon + 9} whole\n\n`),
      "mirror-b tells of nothing before 2026-11-27 12:00:09 UTC",
    ],
    [
      "has too much to tell",
      packed(`journal 0 cut\ntorn\n${line("kernel", noon + 30, "Linux version 6.1")}\n`),
      "mirror-b tells of nothing before 2026-11-27 12:00:30 UTC",
    ],
  ])("says so where a mirror %s, and shows what the other one knows", async (_, answer, words) => {
    answers = (mirror) => (mirror === "mirror-a" ? told : answer);
    await run();
    expect(shown).toContain(`  ! ${words}`);
    expect(shown).toContain("mirror-a  main (r0): Secondary -> Primary");
  });

  it("fails where neither mirror answers: an empty history would be taken for a quiet one", async () => {
    answers = () => undefined;
    await expect(run()).rejects.toThrow("no mirror can be asked for its journal. mirror-a: no route to host; mirror-b");
    expect(shown).toBe("");
  });

  it("refuses a time that is none, or to come", async () => {
    await expect(run({ since: "yesterday" })).rejects.toThrow(Refused);
    await expect(run({ since: "2999-01-01" })).rejects.toThrow("is not before now: nothing is between");
    expect(asked).toEqual([]);
  });
});
