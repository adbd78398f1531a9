/** What the labs' stories share where clients are tortured: short runs of `npm run torture`. The long ones are run by hand (docs/torture.md). */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { outcome } from "../../torture/report/judge.ts";
import { parseReport } from "../../torture/report/parseReport.ts";
import type { Kill } from "../../torture/report/report.ts";
import { npm, operator } from "./lab.ts";

/** Runs torture for one kill; its exit status, what it said, and the kills that its report holds. @throws when it could not be carried out */
export async function torture(...args: string[]): Promise<{ status: number; output: string; kills: readonly Kill[] }> {
  const reports = mkdtempSync(join(tmpdir(), "kvm-mirror-torture-"));
  try {
    const file = join(reports, "report.json");
    const { status, output } = await npm("torture", ...args, "--kills", "1", "--seed", "1", "--blocks", "128", "--out", file);
    if (status === 1) throw new Error(output);
    return { status, output, kills: parseReport(readFileSync(file, "utf8"), file).runs.flatMap(({ kills }) => kills) };
  } finally {
    rmSync(reports, { recursive: true });
  }
}

export async function expectClean(protocol: "nbd" | "iscsi", kind: string): Promise<void> {
  const { status, output, kills } = await torture("--protocol", protocol, "--kinds", kind);
  expect(kills.map((kill) => `${kill.kind} ${outcome(kill)}`), output).toEqual([`${kind} clean`]);
  expect(status, output).toBe(0);
}

export async function expectNoChanges(stack: string): Promise<void> {
  const { status, output } = await operator(["pulumi", "preview", "--expect-no-changes", "--stack", stack, "--color", "never", "--non-interactive"]);
  expect(status, output).toBe(0);
}

/** An operator's command: what it says, after its exit status. */
export async function says(command: string, ...args: string[]): Promise<string> {
  const { status, output } = await npm(command, ...args);
  return `${status}: ${output}`;
}
