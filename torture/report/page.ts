import { escapeHtml, htmlPage, htmlTable, showSeconds } from "../../harness/html.ts";
import { proofs, sequencesVerdict, type Verdict, verdict } from "./judge.ts";
import { controlsTable, findings, killsTable } from "./killTables.ts";
import type { Report } from "./report.ts";
import { sequencesSection } from "./sequenceTables.ts";
import { guestsOf, stallFigures } from "./stallFigures.ts";
import { stallPicture } from "./stallPicture.ts";

/** Beside what every page has: what stallPicture draws. */
const style = `
.grid { stroke: var(--soft) } .tick { text-anchor: middle }
.median { stroke: var(--ink); stroke-width: 2 } .worst { stroke: var(--bad); stroke-width: 2 }
circle { fill-opacity: .75 } circle.clean { fill: var(--good) } circle.lost, circle.broken { fill: var(--bad) }
circle.open { fill: var(--open) } svg text.never { fill: var(--bad) }
`;

/** A report as one HTML page that needs nothing else: no script, no font, no picture from outside. */
export function renderPage(report: Report): string {
  const { kills } = verdict(report);
  return htmlPage("kvm-mirror: torture", style, [
    ...verdictLines(report).map(
      (line, index) =>
        `<p class="${index === 0 ? `verdict ${isProved(report) ? "good" : "bad"}` : ""}">${escapeHtml(line)}</p>`,
    ),
    ...(kills === 0
      ? []
      : [
          "<h2>Stalls</h2>",
          stallPicture(report),
          stallTable(report),
          "<h2>What the seconds are spent on</h2>",
          phaseTable(report),
          workTable(report),
        ]),
    "<h2>Runs</h2>",
    runTable(report),
    controlsTable(report),
    sequencesSection(report),
    ...(report.runs.some((run) => run.control !== null || run.kills.some(({ sequence }) => !sequence))
      ? ["<h2>Kills</h2>", killsTable(report)]
      : []),
    findings(report),
  ]);
}

/** The verdict in sentences; the first is the short one. */
export function verdictLines(report: Report): readonly string[] {
  const [kills, sequences] = [verdict(report), sequencesVerdict(report)];
  if (kills.kills + sequences.kills === 0)
    return [
      "No kills that could prove anything.",
      "Negative controls weaken something on purpose: they show that losses are seen, not that there are none.",
    ];
  return [...(kills.kills === 0 ? [] : killLines(kills)), ...(sequences.kills === 0 ? [] : sequenceLines(sequences))];
}

/** Whether all kills and all sequences are clean, and there is at least one. */
export function isProved(report: Report): boolean {
  const verdicts = [verdict(report), sequencesVerdict(report)].filter(({ kills }) => kills > 0);
  return verdicts.length > 0 && verdicts.every(({ passed }) => passed);
}

function killLines({ kills, clean, lost, broken, open, bound, passed }: Verdict): readonly string[] {
  return [
    passed
      ? `No acknowledged write lost over ${kills} kill${kills === 1 ? "" : "s"}.`
      : `${kills} kills: ${clean} clean, ${lost} with losses, ${broken} with a broken ` +
        `rule or no return of service, ${open} not fully checked.`,
    ...(bound === null
      ? []
      : [
          `0 losses in ${clean} checked kills: with 95 % confidence the chance of ` +
            `a loss is below ${percent(bound)} per kill (3/N).`,
        ]),
  ];
}

function sequenceLines({ kills, clean, lost, broken, open, bound }: Verdict): readonly string[] {
  const rest =
    clean === kills
      ? ""
      : ` (${lost} with losses, ${broken} with a broken rule or no return of service, ${open} not fully checked)`;
  return [
    `Two-fault sequences: ${clean} clean of ${kills}${rest}.`,
    ...(bound === null
      ? []
      : [
          `0 losses in ${clean} checked sequences: with 95 % confidence the chance of ` +
            `a loss is below ${percent(bound)} per sequence (3/N).`,
        ]),
  ];
}

const percent = (bound: number): string => `${(100 * bound).toFixed(bound < 0.1 ? 1 : 0)} %`;

function stallTable(report: Report): string {
  const rows = stallFigures(report).map((figures) => [
    figures.title,
    figures.protocol,
    figures.guests,
    String(figures.count),
    figures.never === 0 ? "0" : { text: String(figures.never), mark: "bad" as const },
    ...[figures.median, figures.p95, figures.worst, figures.floor].map(showSeconds),
  ]);
  return htmlTable(
    ["recovery", "protocol", "guests", "kills", "never back", "median", "p95", "worst", "floor: detection + fencing"],
    rows,
  );
}

function phaseTable(report: Report): string {
  const rows = stallFigures(report).flatMap(({ title, protocol, phases }) =>
    phases.map((phase, index) => [index === 0 ? `${title}, ${protocol}` : "", phase.name, showSeconds(phase.seconds)]),
  );
  if (rows.length === 0) return "<p>No phases were measured.</p>";
  return htmlTable(["recovery", "phase", "median"], rows);
}

function workTable(report: Report): string {
  const rows = stallFigures(report).flatMap(({ title, protocol, guests, work }) =>
    work.map(({ was, processes, cpu }, index) => [
      index === 0 ? `${title}, ${protocol}, ${guests}` : "",
      `was ${was}`,
      String(processes),
      showSeconds(cpu),
    ]),
  );
  if (rows.length === 0) return "";
  return `<h2>What the mirrors had to do</h2>\n${htmlTable(
    ["recovery", "mirror", "processes begun, median", "seconds of its processors, median"],
    rows,
  )}`;
}

function runTable(report: Report): string {
  const rows = [...proofs(report), ...report.runs.filter((run) => run.control !== null)].map((run) => [
    run.id,
    run.mode,
    run.protocol,
    String(run.seed),
    guestsOf(run),
    String(run.kills.length),
    run.control ?? "",
    run.started,
    run.ended,
  ]);
  return htmlTable(["run", "mode", "protocol", "seed", "guests", "kills", "negative control", "from", "to"], rows);
}
