import { type Cell, escapeHtml, htmlTable, showSeconds } from "../../harness/html.ts";
import { type Outcome, outcome, singles } from "./judge.ts";
import type { Kill, Report, Run } from "./report.ts";
import { recoveryTitle } from "./stallFigures.ts";

export const marks: Readonly<Record<Outcome, "good" | "bad" | "open">> = {
  clean: "good",
  lost: "bad",
  broken: "bad",
  open: "open",
};
export const words: Readonly<Record<Outcome, string>> = {
  clean: "clean",
  lost: "loss",
  broken: "rule broken",
  open: "not fully checked",
};

/** Every kill of one fault of every run, and what controls did, in order. */
export function killsTable(report: Report): string {
  const rows = report.runs.flatMap((run) =>
    (run.control === null ? singles(run.kills) : run.kills).map((kill) => killRow(run, kill)),
  );
  return htmlTable(
    ["run", "kill", "what", "at", "recovery", "stall", "read back", "both UpToDate after", "verify", "result"],
    rows,
  );
}

function killRow(run: Run, kill: Kill): readonly Cell[] {
  const found = outcome(kill);
  return [
    run.id,
    String(kill.number),
    `${kill.kind} of ${kill.target}`,
    kill.at,
    recoveryTitle(kill.recovery, run.mode),
    showSeconds(kill.stall),
    kill.readBack === null ? "–" : `${kill.readBack.blocks} blocks, ${kill.readBack.acknowledged} writes`,
    showSeconds(kill.rejoined),
    kill.outOfSync === null ? "–" : `${kill.outOfSync} sectors differ`,
    // Losses of a negative control are wanted.
    { text: words[found], mark: run.control === null ? marks[found] : "open" },
  ];
}

/**
 * Whether each negative control was caught: the harness that does not see a
 * loss that was made cannot prove that there is none.
 */
export function controlsTable(report: Report): string {
  const controls = report.runs.filter((run) => run.control !== null);
  if (controls.length === 0) return "";
  const rows = controls.map((run): readonly Cell[] => [
    run.control ?? "",
    run.protocol,
    isCaught(run) ? { text: "caught", mark: "good" } : { text: "NOT caught", mark: "bad" },
    [
      ...new Set(
        run.kills.flatMap((kill) => [
          ...kill.violations.map((violation) => violation.kind),
          ...kill.audits.flatMap((audit) => (audit.passed === false ? [audit.name] : [])),
        ]),
      ),
    ].join(", "),
  ]);
  return `<h2>Negative controls</h2>\n${htmlTable(["weakened", "protocol", "", "seen"], rows)}`;
}

/**
 * A control is caught by a loss that the checker saw, not by a broken
 * audit alone: audits watch the way, the checker the data.
 */
export function isCaught(run: Run): boolean {
  return run.kills.some((kill) => kill.violations.length > 0);
}

/** Violations, and audits that did not pass, one line each; the first 50 violations of a kill. */
export function findings(report: Report): string {
  const lines = report.runs.flatMap((run) =>
    run.kills.flatMap((kill) => [
      ...kill.violations
        .slice(0, 50)
        .map((violation) => `${at(run, kill)}: ${violation.kind} at block ${violation.lba}: ${violation.detail}`),
      ...(kill.violations.length > 50
        ? [`${at(run, kill)}: ${kill.violations.length - 50} more violations in the JSON report`]
        : []),
      ...kill.audits.flatMap((audit) =>
        audit.passed === true
          ? []
          : [
              `${at(run, kill)}: ${audit.name}: ` +
                `${audit.passed === null ? "could not be checked" : "failed"}: ` +
                `${audit.detail}`,
            ],
      ),
    ]),
  );
  if (lines.length === 0) return "";
  return `<h2>Findings</h2>\n<ul>\n${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join("\n")}\n</ul>`;
}

const at = (run: Run, kill: Kill): string =>
  `${run.control === null ? "" : `control ${run.control}, `}run ${run.id}, kill ${kill.number}`;
