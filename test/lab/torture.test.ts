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
import { lab, npm, operator } from "./lab.ts";

let reports: string;
beforeAll(() => void (reports = mkdtempSync(join(tmpdir(), "kvm-mirror-torture-"))));
afterAll(() => rmSync(reports, { recursive: true }));

/** Makes the lab of a stack for the tests of a describe block, and takes it away after them. */
function inLabOf(stack: string): void {
  beforeAll(async () => {
    const { status, output } = await lab("up.sh", "--stack", stack);
    if (status !== 0) throw new Error(output);
  });
  afterAll(async () => {
    const { status, output } = await lab("down.sh");
    if (status !== 0) throw new Error(output);
  });
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

describe("with failover by hand, a client", () => {
  inLabOf("lab");
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
  it("that writes by iSCSI loses nothing when the primary dies", () => expectClean("iscsi", "destroy"));
  it("that writes by NBD loses nothing when the primary freezes", () => expectClean("nbd", "freeze"));
  it("finds its stack as it was declared, wherever its group runs", () => expectNoChanges("lab-automatic"));
});
