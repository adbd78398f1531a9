/**
 * A short torture of both labs: kills of different kinds, by both protocols, and a control that must be caught. The long ones are run by hand (docs/torture.md).
 * Between them: what a failover leaves is nothing that `pulumi up` would change.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { outcome } from "../../torture/report/judge.ts";
import { parseReport } from "../../torture/report/parseReport.ts";
import type { Kill } from "../../torture/report/report.ts";
import { lab, npm, operator, succeed } from "./lab.ts";

let reports: string;
beforeAll(() => void (reports = mkdtempSync(join(tmpdir(), "kvm-mirror-torture-"))));
afterAll(() => rmSync(reports, { recursive: true }));

/** Makes the lab of a stack for the tests of a describe block, and takes it away after them. */
function inLabOf(stack: string): void {
  beforeAll(async () => {
    await succeed(lab("down.sh", "--fast")); // what an interrupted run left
    await succeed(lab("up.sh", "--stack", stack));
  });
  afterAll(async () => void (await succeed(lab("down.sh"))));
}

/** Runs torture; its exit status, what it said, and the kills that its report holds. @throws when it could not be carried out */
async function torture(name: string, ...args: string[]): Promise<{ status: number; output: string; kills: readonly Kill[] }> {
  const file = join(reports, `${name}.json`);
  const { status, output } = await npm("torture", ...args, "--kills", "1", "--seed", "1", "--blocks", "128", "--out", file);
  if (status === 1) throw new Error(output);
  return { status, output, kills: parseReport(readFileSync(file, "utf8"), file).runs.flatMap(({ kills }) => kills) };
}

async function expectClean(protocol: "nbd" | "iscsi", kind: string): Promise<void> {
  const { status, output, kills } = await torture(`${protocol}-${kind}`, "--protocol", protocol, "--kinds", kind);
  expect(kills.map((kill) => `${kill.kind} ${outcome(kill)}`), output).toEqual([`${kind} clean`]);
  expect(status, output).toBe(0);
}

async function expectNoChanges(stack: string): Promise<void> {
  const { status, output } = await operator(["pulumi", "preview", "--expect-no-changes", "--stack", stack, "--color", "never", "--non-interactive"]);
  expect(status, output).toBe(0);
}

/** An operator's command: what it says, after its exit status. */
async function says(command: string, ...args: string[]): Promise<string> {
  const { status, output } = await npm(command, ...args);
  return `${status}: ${output}`;
}

describe("with failover by hand, a client", () => {
  inLabOf("lab");

  it("is left alone by dry runs, and by a failover while its primary is alive and whole", async () => {
    expect(await says("switch", "all", "--to", "mirror-b", "--dry-run")).toMatch(/^0: would 1\/1: .*main/s);
    expect(await says("maintain", "mirror-a", "--dry-run")).toMatch(/^0: .*would 1\/1: group main moves from mirror-a to mirror-b/s);
    expect(await says("failover", "all")).toMatch(/^1: .*group main runs on mirror-a, which answers, and both mirrors are UpToDate/s);
    expect(await says("recover", "r0")).toMatch(/^0: .*Nothing to recover/s);
    expect(await says("switch", "all", "--to", "mirror-a")).toMatch(/^0: .*mirror-a/s);
    expect(await says("client", "app-1", "--to", "kvm-b", "--dry-run")).toMatch(/^0: .*would 3\/6: on kvm-a: ask app-1 to shut down/s);
  });

  it("that writes by NBD loses nothing when the primary dies", () => expectClean("nbd", "destroy"));
  it("that writes by iSCSI loses nothing when the mirrors lose each other", () => expectClean("iscsi", "cut-replication"));
  it("finds its stack as it was declared", () => expectNoChanges("lab"));

  it("loses writes when a standby that is out of date is promoted by force, and torture sees it", async () => {
    const { status, output, kills } = await torture("control", "--protocol", "nbd", "--control", "stale-forced");
    expect(kills.flatMap(({ violations }) => violations).some(({ kind }) => kind === "lost"), output).toBe(true);
    expect(status, output).toBe(0);
  });
});

describe("with automatic failover, a client", () => {
  inLabOf("lab-automatic");

  it("is left alone by dry runs, and by an operator's word that nobody waits for", async () => {
    expect(await says("switch", "all", "--to", "mirror-b", "--dry-run")).toMatch(/^0: would 1\/1: group main: the cluster is paused; mirror-b gets ready/s);
    expect(await says("maintain", "mirror-a", "--dry-run")).toMatch(/^0: would 1\/2: group main moves from mirror-a to mirror-b\n.*would 2\/2: the cluster moves everything away from mirror-a/s);
    expect(await says("failover", "all", "--confirm", "mirror-a is off and stays off")).toMatch(/^1: .*the cluster waits for nobody's death/s);
  });

  it("that writes by iSCSI loses nothing when the primary dies", () => expectClean("iscsi", "destroy"));
  it("that writes by NBD loses nothing when the primary freezes", () => expectClean("nbd", "freeze"));
  it("finds its stack as it was declared, wherever its group runs", () => expectNoChanges("lab-automatic"));
});
