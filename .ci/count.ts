/**
 * Adds up vitest's JSON reports in a directory and prints `N passed, N failed`. Fails if there is none, or one counts
 * nothing. A step that failed counts, too: vitest fails for an unhandled error, which no report of it mentions.
 */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numFailedTestSuites: number;
}

const [directory, failedSteps] = process.argv.slice(2);
if (directory === undefined || failedSteps === undefined || !/^\d+$/.test(failedSteps))
  throw new Error("usage: count.ts DIRECTORY FAILED_STEPS");
const reports = readdirSync(directory).map((file) => JSON.parse(readFileSync(join(directory, file), "utf8")) as Report);
const sum = (key: keyof Report): number => reports.reduce((total, report) => total + report[key], 0);
// A suite that fails to load has no failed test of its own: it must count all the same.
const failed = Math.max(sum("numFailedTests"), sum("numFailedTestSuites") > 0 ? 1 : 0, Number(failedSteps));
const skipped = sum("numPendingTests");
console.log(`${sum("numPassedTests")} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
if (reports.length === 0 || failed > 0 || sum("numPassedTests") === 0) process.exitCode = 1;
