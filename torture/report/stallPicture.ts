import { escapeHtml } from "../../harness/html.ts";
import { outcome, proofs, singles } from "./judge.ts";
import type { Report } from "./report.ts";
import { guestsOf, recoveryTitle, stallFigures } from "./stallFigures.ts";

const width = 900;
const left = 250;
const right = 30;
const rowHeight = 44;
const ticks = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

/**
 * The stalls as an SVG: a row for every kind of recovery and protocol, a dot for
 * every kill at its stall (logarithmic scale, left border 0.1 s),
 * upright lines at the median and at the worst. Kills after which writing
 * did not come back stand as crosses at the right border.
 */
export function stallPicture(report: Report): string {
  const rows = stallFigures(report).map((figures) => ({
    figures,
    label: `${figures.title}, ${figures.protocol}, ${figures.guests}`,
  }));
  const kills = proofs(report).flatMap((run) => singles(run.kills).map((kill) => ({ kill, run })));
  const longest = Math.max(1, ...kills.map(({ kill }) => kill.stall ?? 0));
  const end = ticks.find((tick) => tick >= longest) ?? longest;
  const x = (seconds: number): number =>
    left + ((width - left - right) * Math.log10(Math.max(seconds, 0.1) / 0.1)) / Math.log10(end / 0.1);
  const height = rows.length * rowHeight + 40;
  const parts = ticks.filter((tick) => tick <= end).map((tick) => axis(x(tick), tick, height));
  rows.forEach(({ figures, label }, index) => {
    const y = 20 + index * rowHeight;
    parts.push(`<text x="0" y="${y + 4}">${escapeHtml(label)}</text>`);
    for (const [name, seconds] of [
      ["median", figures.median],
      ["worst", figures.worst],
    ] as const) {
      if (seconds !== null)
        parts.push(
          `<line class="${name}" x1="${place(x(seconds))}" x2="${place(x(seconds))}" y1="${y - 12}" ` +
            `y2="${y + 12}"><title>${name} ${seconds.toFixed(2)} s</title></line>`,
        );
    }
    kills
      .filter(
        ({ kill, run }) =>
          recoveryTitle(kill.recovery, run.mode) === figures.title &&
          run.protocol === figures.protocol &&
          guestsOf(run) === figures.guests,
      )
      .forEach(({ kill, run }, number) => {
        const stalled = kill.stall === null ? "writing did not come back" : `${kill.stall.toFixed(2)} s`;
        const named = `run ${run.id}, kill ${kill.number}: ${kill.kind} of ${kill.target}, ${stalled}`;
        const title = `<title>${escapeHtml(named)}</title>`;
        // Equal stalls side by side: three heights.
        const at = y - 6 + (number % 3) * 6;
        if (kill.stall === null)
          parts.push(`<text class="never" x="${width - right + 4}" y="${at + 4}">✕${title}</text>`);
        else
          parts.push(
            `<circle class="${outcome(kill)}" cx="${place(x(kill.stall))}" cy="${at}" r="4">${title}</circle>`,
          );
      });
  });
  return (
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="stalls by kind of ` +
    `recovery, logarithmic scale">\n${parts.join("\n")}\n</svg>`
  );
}

function axis(x: number, seconds: number, height: number): string {
  return (
    `<line class="grid" x1="${place(x)}" x2="${place(x)}" y1="0" y2="${height - 20}"/><text ` +
    `class="tick" x="${place(x)}" y="${height - 4}">${seconds} s</text>`
  );
}

const place = (value: number): string => value.toFixed(1);
