/**
 * `npm run torture -- merge a.json b.json … [--out merged.json]`: one
 * report of several, and its page beside it (`merged.html`).
 * Exit status 2 when the merged kills do not all prove what they should, or a
 * negative control was not caught; 1 when a file is no report.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { proofs } from "./judge.ts";
import { isCaught } from "./killTables.ts";
import { mergeReports } from "./mergeReports.ts";
import { isProved, verdictLines } from "./page.ts";
import { parseReport } from "./parseReport.ts";
import { writeReport } from "./writeReport.ts";

/** @returns the exit status. @throws when a file cannot be read or is no report. */
export function merge(args: readonly string[], say: (line: string) => void): number {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { out: { type: "string", default: "merged.json" } },
  });
  if (positionals.length === 0) throw new Error("say which reports: npm run torture -- merge a.json b.json");
  const merged = mergeReports(positionals.map((name) => parseReport(readFileSync(name, "utf8"), name)));
  const { json, page } = writeReport(merged, values.out);
  for (const line of verdictLines(merged)) say(line);
  const missed = merged.runs.filter((run) => run.control !== null && !isCaught(run));
  for (const run of missed) say(`negative control ${run.control} (run ${run.id}) was NOT caught`);
  say(`${json}, ${page}`);
  const nothingToProve = proofs(merged).every(({ kills }) => kills.length === 0);
  return missed.length === 0 && (nothingToProve || isProved(merged)) ? 0 : 2;
}
