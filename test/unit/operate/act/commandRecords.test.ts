/** What a command leaves on both mirrors, by the real script of the operator's machine. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { setTimeout } from "node:timers/promises";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { makeInventory } from "../../../../src/inventory/makeInventory.ts";
import { commandRecords } from "../../../../src/operate/act/commandRecords.ts";
import { carryOut } from "../../../../src/operate/act/steps.ts";
import { planOf } from "../../render/sample.ts";
import { playedSsh } from "../playedSsh.ts";

const played = playedSsh();
const inventory = makeInventory(planOf());
const [one, other] = inventory.mirrors.map(({ ssh }) => ssh.target);
let notes: string[];
beforeEach(() => {
  notes = [];
  vi.stubEnv("SUDO_USER", "ops");
});

/** ssh: keeps what each mirror is told, and fails for one that matches. */
const mirrors = (dead = "nobody") =>
  played.ssh(
    `for word; do [[ $word != *@* ]] || target=$word; done
    if [[ $target == ${dead} ]]; then echo "ssh: connect to host: no route" >&2; exit 255; fi
    cat >>${played.file("$target")}`,
  );
const told = (target = ""): string =>
  (existsSync(played.file(target)) ? readFileSync(played.file(target), "utf8") : "").replace(/^[0-9a-f]{8}/gm, "ID");
const records = (confirm?: string) =>
  commandRecords({ inventory, words: ["failover", "all"], confirm, note: (line) => void notes.push(line) });
/** Nobody waits for a record but a test. */
async function until(what: () => boolean): Promise<void> {
  for (const end = Date.now() + 20_000; !what(); await setTimeout(20))
    if (Date.now() > end) throw new Error("too late");
}

describe("a command", () => {
  it("is on record on both mirrors, from its beginning to its end, by whom it was", async () => {
    mirrors();
    const left = records("mirror-a is off and stays off");
    left.begins();
    left.ended("failed", 'mirror-a does not answer (you typed "mirror-a is off and stays off")\n\u001b[2J');
    const by = `ID ops@${hostname()}`;
    const words = "failover all (typed: mirror-a is off and stays off)";
    const lines =
      `${by} begins: ${words}\n` +
      `${by} failed: ${words}: mirror-a does not answer (you typed "mirror-a is off and stays off")??[2J\n`;
    await until(() => told(one) === lines && told(other) === lines);
    expect(notes).toEqual([]);
  });

  it("says no word of what was typed in the place of a phrase", async () => {
    mirrors();
    records("hunter2").ended("refused", 'no (you typed "hunter2")');
    await until(() => told(one) !== "" && told(other) !== "");
    expect(told(one)).toContain("refused: failover all (typed: a phrase that nothing asks for): no (you typed");
    expect(told(one) + told(other)).not.toContain("hunter2");
  });

  it("leaves out a mirror that does not answer", async () => {
    mirrors(one);
    const left = records();
    left.begins();
    left.ended("done");
    await until(() => told(other).includes("done: failover all"));
    expect([told(one), notes]).toEqual(["", []]);
  });

  it("waits for no record, however long a mirror takes to answer", async () => {
    played.ssh(`until [ -e ${played.file("go")} ]; do sleep 0.05; done; cat >>${played.file("all")}`);
    let done = false;
    const step = { title: "promote", run: async () => void (done = true) };
    await carryOut([step], { dryRun: false, say: () => undefined, records: records() });
    expect([done, existsSync(played.file("all")), notes]).toEqual([true, false, []]);
    writeFileSync(played.file("go"), "");
    await until(() => told("all").match(/done: failover all/g)?.length === 2);
  });

  it("tells the operator when no mirror has it on record, and fails nothing", async () => {
    mirrors("*");
    records().begins();
    await until(() => notes.length > 0);
    expect(notes[0]).toContain("no mirror is known to have it on record that this command begins: ");
  });
});
