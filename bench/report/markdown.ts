import { cutsTable } from "./cutsTable.ts";
import { disksTables } from "./disksTable.ts";
import { layersTables } from "./layersTable.ts";
import type { Report } from "./report.ts";
import { conditions } from "./words.ts";

const titles: Readonly<Record<Report["part"], string>> = {
  disks: "# Disks, as a client sees them",
  layers: "# Where the time goes, layer by layer",
  servers: "# What could serve a volume, side by side",
  alternatives: "# Ways to have a volume on two mirrors, side by side",
};

/** A report as Markdown. @param chart file name of the picture beside it; undefined where there is none */
export function renderMarkdown(report: Report, chart: string | undefined): string {
  const { failures } = report;
  return [
    titles[report.part],
    conditions(report)
      .map((line) => `- ${line}`)
      .join("\n"),
    ...(chart === undefined ? [] : [`![Ratios by load](${chart})`]),
    ...(report.part === "disks" ? disksTables(report) : layersTables(report)),
    ...(report.cuts.length === 0 ? [] : cutsTable(report)),
    ...(failures.length === 0
      ? []
      : [
          "## Failed measurements",
          failures
            .map(({ repetition, load, spot, message }) => `- Repetition ${repetition}, ${load} on ${spot}: ${message}`)
            .join("\n"),
        ]),
    "",
  ].join("\n\n");
}
