import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Inventory } from "../../../../src/inventory/inventory.ts";
import { makeInventory } from "../../../../src/inventory/makeInventory.ts";
import { parseInventory } from "../../../../src/operate/stack/inventorySchema.ts";
import { Refused } from "../../../../src/refused.ts";
import { lastGoodFile } from "../../../../src/operate/stack/lastGood.ts";
import { readInventory } from "../../../../src/operate/stack/readInventory.ts";
import { automaticPlanOf, planOf } from "../../render/sample.ts";

const inventory: Inventory = makeInventory(planOf());
const { stack } = inventory;
const before = { PATH: process.env.PATH, XDG_STATE_HOME: process.env.XDG_STATE_HOME };
let directory: string;
let said: string[];
const read = (patience = 5): Inventory => readInventory(stack, { patience, say: (line) => void said.push(line) });

/** A `pulumi` that does this; first on PATH. */
function pulumi(does: string): void {
  writeFileSync(join(directory, "pulumi"), `#!/bin/bash\nprintf '%s ' "$@" >${directory}/asked\n${does}\n`);
  chmodSync(join(directory, "pulumi"), 0o755);
}
const answers = (document: unknown): void => {
  writeFileSync(join(directory, "output"), typeof document === "string" ? document : JSON.stringify(document));
  pulumi(`cat ${directory}/output`);
};
/** This machine got that inventory at that time. */
function lastGood(document: unknown, date = "2026-11-26T08:15:00Z"): void {
  mkdirSync(dirname(lastGoodFile(stack)), { recursive: true });
  writeFileSync(lastGoodFile(stack), typeof document === "string" ? document : JSON.stringify(document));
  utimesSync(lastGoodFile(stack), new Date(date), new Date(date));
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "kvm-mirror-inventory-"));
  process.env.PATH = `${directory}:${before.PATH}`;
  process.env.XDG_STATE_HOME = join(directory, "state");
  said = [];
});
afterEach(() => {
  process.env.PATH = before.PATH;
  if (before.XDG_STATE_HOME === undefined) delete process.env.XDG_STATE_HOME;
  else process.env.XDG_STATE_HOME = before.XDG_STATE_HOME;
  rmSync(directory, { recursive: true });
});

describe("the inventory that a command reads", () => {
  it("is the stack's output, of which this machine keeps a copy", () => {
    answers(inventory);
    expect(read()).toEqual(inventory);
    expect(readFileSync(join(directory, "asked"), "utf8")).toBe(
      `stack output inventory --json --stack ${stack} --non-interactive `,
    );
    expect(JSON.parse(readFileSync(lastGoodFile(stack), "utf8"))).toEqual(inventory);
    expect(statSync(lastGoodFile(stack)).mode & 0o777).toBe(0o600);
    expect(said).toEqual([]);
  });

  it("is the output where the copy is another one", () => {
    lastGood({ ...inventory, mirrors: [] });
    answers(inventory);
    expect(read()).toEqual(inventory);
    expect(JSON.parse(readFileSync(lastGoodFile(stack), "utf8"))).toEqual(inventory);
  });

  it.each([
    [
      "the backend is away",
      "echo 'error: could not connect to backend: no route to host' >&2; exit 255",
      "could not connect to backend: no route to host",
    ],
    ["the backend does not answer", "exec sleep 600", "no answer within 1 s"],
    ["there is no passphrase", "echo 'error: passphrase must be set' >&2; exit 255", "passphrase must be set"],
    ["it dies", "kill -KILL $$", "pulumi ended with status null"],
  ])("is the last good copy, with its date, when %s", (_, does, why) => {
    lastGood(inventory);
    pulumi(does);
    expect(read(1)).toEqual(inventory);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(why);
    expect(said[0]).toContain(
      `Going on with the last good inventory that this machine has, of 2026-11-26 08:15 UTC (${lastGoodFile(stack)})`,
    );
  });

  it("is the last good copy when there is no Pulumi", () => {
    lastGood(inventory);
    process.env.PATH = directory;
    expect(read()).toEqual(inventory);
    expect(said[0]).toContain("Pulumi cannot be asked");
  });

  it("is none where the backend says that there is no such stack, whatever this machine has", () => {
    lastGood(inventory);
    pulumi(`echo "error: no stack named '${stack}' found" >&2; exit 255`);
    expect(() => read()).toThrow(Refused);
    expect(() => read()).toThrow(
      `the inventory of stack ${stack} cannot be read: error: no stack named '${stack}' found (has \`pulumi up ` +
        `--stack ${stack}\` run with this backend?)`,
    );
  });

  it("is none yet where no up has succeeded, whatever this machine has", () => {
    lastGood(inventory);
    pulumi("echo \"error: current stack does not have output property 'inventory'\" >&2; exit 255");
    expect(() => read()).toThrow(Refused);
    expect(() => read()).toThrow(`stack ${stack} has no inventory yet: no \`pulumi up\` of it has succeeded. `);
  });

  it("is on a mirror when neither is there", () => {
    pulumi("echo 'error: no route to host' >&2; exit 255");
    expect(() => read()).toThrow(
      `error: no route to host (has \`pulumi up --stack ${stack}\` run with this backend?). A ` +
        `mirror has a copy: kvm-mirror inventory --stack ${stack} --from <user@mirror>`,
    );
  });

  it("is not a copy of another stack, or half of one", () => {
    pulumi("exit 1");
    lastGood({ ...inventory, stack: "production" });
    expect(() => read()).toThrow(`is the inventory of stack production, not of ${stack}`);
    lastGood(JSON.stringify(inventory).slice(0, 300));
    expect(() => read()).toThrow("is no JSON");
  });

  it("goes on where the disk takes no copy", () => {
    answers(inventory);
    writeFileSync(join(directory, "state"), "a file in the way");
    expect(read()).toEqual(inventory);
    expect(said).toEqual([expect.stringContaining("this machine keeps no copy of the inventory")]);
  });
});

describe("the inventory of a MirrorPair in another program", () => {
  const pair = { ...inventory, stack: "prod.storage" };
  const readPair = (): Inventory => readInventory("prod.storage", { patience: 5, say: (line) => void said.push(line) });
  beforeEach(() => {
    process.env.KVM_MIRROR_PROGRAM = directory;
  });
  afterEach(() => {
    delete process.env.KVM_MIRROR_PROGRAM;
  });

  it("is whichever output of the program's stack says that it is this pair's", () => {
    answers({ address: "10.20.0.10", other: { ...pair, stack: "prod.archive" }, anything: pair, none: null });
    expect(readPair()).toEqual(pair);
    expect(readFileSync(join(directory, "asked"), "utf8")).toBe("stack output --json --stack prod --non-interactive ");
    expect(JSON.parse(readFileSync(lastGoodFile("prod.storage"), "utf8"))).toEqual(pair);
  });

  it("is none yet where no output is it", () => {
    answers({ address: "10.20.0.10" });
    expect(readPair).toThrow(Refused);
    expect(readPair).toThrow(`no output of stack prod of the program in ${directory} is the inventory of MirrorPair`);
  });

  it("is the last good copy where Pulumi does not answer", () => {
    mkdirSync(dirname(lastGoodFile("prod.storage")), { recursive: true });
    writeFileSync(lastGoodFile("prod.storage"), JSON.stringify(pair));
    pulumi("exit 1");
    expect(readPair()).toEqual(pair);
    expect(said[0]).toContain("Going on with the last good inventory");
  });

  it("is of no pair where the name is a stack's", () => {
    expect(() => readInventory("prod")).toThrow("prod names no MirrorPair of the program");
  });
});

interface Old {
  readonly primary: string;
}

describe("an inventory that an earlier version wrote", () => {
  const first = readFileSync(new URL("recorded/inventory-1.json", import.meta.url), "utf8");
  const old = JSON.parse(first) as { readonly groups: readonly Old[]; readonly volumes: readonly Old[] };
  const preferring = ({ primary, ...rest }: Old) => ({ ...rest, preferredMirror: primary });
  const current = { ...old, version: 2, groups: old.groups.map(preferring), volumes: old.volumes.map(preferring) };

  it("says the same in this version's words", () => {
    expect(old.groups.map(({ primary }) => primary)).toEqual(["mirror-a"]);
    expect(parseInventory(first, "lab-automatic", "the output")).toEqual(current);
  });

  it("is what to go on with while Pulumi is away", () => {
    mkdirSync(dirname(lastGoodFile("lab-automatic")), { recursive: true });
    writeFileSync(lastGoodFile("lab-automatic"), first);
    pulumi("exit 1");
    expect(readInventory("lab-automatic", { patience: 5, say: (line) => void said.push(line) })).toEqual(current);
    expect(said[0]).toContain("Going on with the last good inventory");
  });
});

describe("what is taken for an inventory", () => {
  const parse = (value: unknown, of: string | undefined = undefined): Inventory =>
    parseInventory(JSON.stringify(value), of, "the output");
  it("is what makeInventory writes, of a stack that may be named in full", () => {
    expect(parse(inventory, `example/kvm-mirror/${stack}`)).toEqual(inventory);
    const automatic = makeInventory(automaticPlanOf({ operationTimeout: 90 }));
    expect(parse(automatic)).toEqual(automatic);
  });

  it("keeps what a later version says beside", () => {
    const later = { ...inventory, hosts: inventory.hosts.map((host) => ({ ...host, rack: 7 })) };
    expect(parse(later)).toEqual(later);
  });

  it.each([
    ["a version to come", { ...inventory, version: 3 }, "at version"],
    ["half of an earlier version", { ...inventory, version: 1 }, "at version"],
    [
      "a mirror without a pinned key",
      { ...inventory, mirrors: [{ ...inventory.mirrors[0], ssh: { target: "storage@10.30.0.11", hostKey: "" } }] },
      "at mirrors[0].ssh.hostKey",
    ],
    ["no groups", { ...inventory, groups: undefined }, "at groups"],
    ["an output that Pulumi does not know", "04da6b54-80e4-46f7-96ec-b56ff0331ba9", "expected object"],
  ])("is not %s", (_, value, where) => {
    expect(() => parse(value)).toThrow("the output is no inventory that this version understands");
    expect(() => parse(value)).toThrow(where);
  });
});
