/**
 * Adds up vitest's JSON reports in a directory: says which tests failed and why, for whoever sees only the end of the
 * output, and then `N passed, N failed`. Fails if there is no report, or one counts nothing. A step that failed counts,
 * too: vitest fails for an unhandled error, which no report of it mentions.
 */
import { readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { stripVTControlCharacters } from "node:util";

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numFailedTestSuites: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** Lines of a failure's message that are repeated: what was expected and where, without the whole stack. */
const linesOfMessage = 12;

/** Each failed test, and each file that failed to load, with the beginning of its message. */
function failures(report: Report): string[] {
  return report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const tests = assertionResults
      .filter((test) => test.status === "failed")
      .map((test) => ({ what: test.fullName, why: test.failureMessages.join("\n") }));
    const all = tests.length > 0 || status !== "failed" ? tests : [{ what: "(the file)", why: message }];
    return all.map(({ what, why }) => {
      const said = stripVTControlCharacters(why).split("\n");
      const lines = said.filter((line) => !line.includes("/node_modules/")).slice(0, linesOfMessage);
      return [`FAILED ${relative(process.cwd(), name)} > ${what}`, ...lines.map((line) => `  ${line}`)].join("\n");
    });
  });
}

const [directory, failedSteps] = process.argv.slice(2);
if (directory === undefined || failedSteps === undefined || !/^\d+$/.test(failedSteps))
  throw new Error("usage: count.ts DIRECTORY FAILED_STEPS");
const reports = readdirSync(directory).map((file) => JSON.parse(readFileSync(join(directory, file), "utf8")) as Report);
const sum = (key: "numPassedTests" | "numFailedTests" | "numPendingTests" | "numFailedTestSuites"): number =>
  reports.reduce((total, report) => total + report[key], 0);
// A suite that fails to load has no failed test of its own: it must count all the same.
const failed = Math.max(sum("numFailedTests"), sum("numFailedTestSuites") > 0 ? 1 : 0, Number(failedSteps));
const skipped = sum("numPendingTests");
for (const failure of reports.flatMap(failures)) console.log(failure);
console.log(`${sum("numPassedTests")} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
if (reports.length === 0 || failed > 0 || sum("numPassedTests") === 0) process.exitCode = 1;
