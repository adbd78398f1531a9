/**
 * What the labs' stories share where clients are tortured: short runs of `npm run
 * torture`. The long ones are run by hand (docs/torture.md).
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { outcome } from "../../torture/report/judge.ts";
import { parseReport } from "../../torture/report/parseReport.ts";
import { npm, pulumi } from "./lab.ts";

/** One kill, after which nothing may be missing or wrong. */
export async function expectClean(protocol: "nbd" | "iscsi", kind: string): Promise<void> {
  const reports = mkdtempSync(join(tmpdir(), "kvm-mirror-torture-"));
  try {
    const file = join(reports, "report.json");
    const { status, output } = await npm(
      "torture",
      "--protocol",
      protocol,
      "--kinds",
      kind,
      "--kills",
      "1",
      "--seed",
      "1",
      "--blocks",
      "128",
      "--out",
      file,
    );
    if (status === 1) throw new Error(output); // it could not be carried out
    const kills = parseReport(readFileSync(file, "utf8"), file).runs.flatMap((run) => run.kills);
    expect(
      kills.map((kill) => `${kill.kind} ${outcome(kill)}`),
      output,
    ).toEqual([`${kind} clean`]);
    expect(status, output).toBe(0);
  } finally {
    rmSync(reports, { recursive: true });
  }
}

export async function expectNoChanges(stack: string): Promise<void> {
  const { status, output } = await pulumi(["preview", "--expect-no-changes"], stack);
  expect(status, output).toBe(0);
}

/** An operator's command: what it says, after its exit status. */
export async function says(command: string, ...args: string[]): Promise<string> {
  const { status, output } = await npm(command, ...args);
  return `${status}: ${output}`;
}
