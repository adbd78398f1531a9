/** What an operator's commands answer, and how it is read. */
import { describe, expect, it } from "vitest";
import { manual } from "../../../torture/modes/manual.ts";
import { offeredPhrase, offPhraseIn, reasonOf } from "../../../torture/modes/refusal.ts";
import { judgeAnswer, lacksWrites } from "../../../torture/sequences/operator.ts";
import type { Situation } from "../../../torture/situation.ts";
import type { Done } from "../../../harness/run.ts";
import type { System } from "../../../harness/system.ts";

const status = "Stack lab\n\nVolumes\n  r0  mirror-b  Secondary  Outdated  WFConnection\n";
const done = (code: number, words: string): Done => ({ status: code, stdout: status, output: `${status}${words}\n` });
const refused = { answer: "refused", words: lacksWrites } as const;

describe("an operator's command", () => {
  it.each<[string, Done, Parameters<typeof judgeAnswer>[2], boolean]>([
    ["refused for the right reason", done(1, "failover: mirror-a went on alone at 12:00"), refused, true],
    [
      "refused for another reason, whatever the state of the stack says before it",
      done(1, "failover: mirror-b cannot be found"),
      refused,
      false,
    ],
    ["broken down", done(1, "TypeError: stale is undefined"), refused, false],
    ["without an answer", done(124, "failover: alone"), refused, false],
    ["accepted", done(0, "mirror-b serves main"), refused, false],
    [
      "accepted, with nothing to do",
      done(0, "group main runs on mirror-b already"),
      { ...refused, answer: "harmless" },
      true,
    ],
    ["refused where it should be done", done(1, "switch: group main stays on mirror-a"), { answer: "done" }, false],
    ["done", done(0, ""), { answer: "done" }, true],
  ])("%s", (_, answer, expected, passed) => expect(judgeAnswer("failover", answer, expected).passed).toBe(passed));

  it("names its reason after the state of the stack", () => {
    expect(
      reasonOf("failover", done(1, "now 1/3: turn mirror-a off\nfailover: mirror-a could not be turned off").output),
    ).toBe("failover: mirror-a could not be turned off");
    expect(reasonOf("failover", status)).toBeUndefined();
  });
});

describe("the phrase of a refusal", () => {
  const off =
    'cut its power; then repeat with --confirm "mirror-a is off and stays ' +
    'off, and wrote nothing after 2026-11-27 00:00:00 UTC"';
  const lost = 'Only if those writes shall be lost: --confirm "give up what mirror-a wrote alone since 12:00"';

  it("is read from it", () => {
    expect(offeredPhrase(lost)).toBe("give up what mirror-a wrote alone since 12:00");
    expect(offeredPhrase("nothing to type")).toBeUndefined();
    expect(offPhraseIn(off, "mirror-a")).toBe(
      "mirror-a is off and stays off, and wrote nothing after 2026-11-27 00:00:00 UTC",
    );
  });

  it("is not typed by an operator who only knows that a mirror is off, when it gives up writes", () => {
    expect(() => offPhraseIn(lost, "mirror-a")).toThrow(
      "names no phrase for an operator who knows that mirror-a is off",
    );
    expect(() => offPhraseIn(off, "mirror-b")).toThrow("names no phrase");
  });

  it("is what a failover by word types, after it was refused without one", async () => {
    const typed: string[] = [];
    const system = {
      operate: async (command: string, args: readonly string[]) => {
        typed.push([command, ...args].join(" "));
        return args.includes("--confirm") ? done(0, "") : done(1, `failover: ${off}`);
      },
    } as unknown as System;
    await manual.failover(system, { primary: "mirror-a" } as Situation, { seconds: 5, word: true });
    expect(typed).toEqual([
      "failover all",
      "failover all --confirm mirror-a is off and stays off, and wrote nothing after 2026-11-27 00:00:00 UTC",
    ]);
  });
});
