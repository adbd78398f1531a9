import { describe, expect, it } from "vitest";
import { Refused } from "../../../../src/refused.ts";
import type { CommandRecords } from "../../../../src/operate/act/commandRecords.ts";
import { carryOut, type Step } from "../../../../src/operate/act/steps.ts";

const noRecords = { begins: () => undefined, ended: () => undefined };
const carriedOut = async (steps: readonly Step[], dryRun: boolean, records: CommandRecords = noRecords) => {
  const lines: string[] = [];
  const error = await carryOut(steps, {
    ...{ dryRun, records },
    say: (line) => void lines.push(line.replace(/\d+\.\d s$/, "… s")),
  }).then(
    () => undefined,
    (thrown: unknown) => String(thrown),
  );
  return { lines, error };
};

describe("steps", () => {
  const done: string[] = [];
  const step = (title: string): Step => ({ title, run: async () => void done.push(title) });

  it("are said and not done in a dry run", async () => {
    expect(await carriedOut([step("fence"), step("promote")], true)).toEqual({
      lines: ["would 1/2: fence", "would 2/2: promote"],
      error: undefined,
    });
    expect(done).toEqual([]);
  });

  it("are done in order, each with what it took", async () => {
    expect((await carriedOut([step("fence"), step("promote")], false)).lines).toEqual([
      "now 1/2: fence",
      "done 1/2 in … s",
      "now 2/2: promote",
      "done 2/2 in … s",
    ]);
    expect(done).toEqual(["fence", "promote"]);
  });

  it("end with the first that fails, which the last line names", async () => {
    const failing: Step = { title: "fence", run: () => Promise.reject(new Error("kvm-a does not answer")) };
    expect(await carriedOut([failing, step("promote")], false)).toEqual({
      lines: ["now 1/2: fence"],
      error: "Error: kvm-a does not answer",
    });
  });

  it("are refused as a whole when the first refuses: after it, something was changed", async () => {
    const refusing: Step = { title: "switch", run: () => Promise.reject(new Refused("a client has it open")) };
    const thrown = (steps: readonly Step[]): Promise<unknown> =>
      carryOut(steps, { dryRun: false, say: () => undefined, records: noRecords }).catch((error: unknown) => error);
    expect(await thrown([refusing])).toBeInstanceOf(Refused);
    const later = await thrown([step("switch"), refusing]);
    expect(later).not.toBeInstanceOf(Refused);
    expect(String(later)).toBe("Error: a client has it open");
  });

  const recorded = async (steps: readonly Step[], dryRun: boolean): Promise<readonly string[]> => {
    const told: string[] = [];
    const records: CommandRecords = {
      begins: () => told.push("begins"),
      ended: (how, why = "") => told.push(`${how} ${why}`.trim()),
    };
    await carriedOut(steps, dryRun, records);
    return told;
  };
  const ending = (error: Error): Step => ({ title: "end", run: () => Promise.reject(error) });
  it.each([
    ["done", [step("fence"), step("promote")], ["begins", "done"]],
    ["failed", [step("fence"), ending(new Error("no answer"))], ["begins", "failed no answer"]],
    ["refused, with nothing changed", [ending(new Refused("in use"))], ["begins", "refused in use"]],
    ["failed, where a later step refuses", [step("fence"), ending(new Refused("in use"))], ["begins", "failed in use"]],
  ])("are on record: %s", async (_, steps, told) => expect(await recorded(steps, false)).toEqual(told));

  it("leave no record where nothing is done", async () => {
    expect(await recorded([step("fence")], true)).toEqual([]);
    expect(await recorded([], false)).toEqual([]);
  });
});
