import type { Report, Run } from "./report.ts";

/**
 * One report with the runs of several, in the order of their beginning.
 * @throws when a run is in two of them: it would be counted twice.
 */
export function mergeReports(reports: readonly Report[]): Report {
  const runs = new Map<string, Run>();
  for (const run of reports.flatMap((report) => report.runs)) {
    if (runs.has(run.id))
      throw new Error(`run ${run.id} is in more than one of the reports: its kills would count twice`);
    runs.set(run.id, run);
  }
  return { version: 1, runs: [...runs.values()].sort((one, other) => one.started.localeCompare(other.started)) };
}
