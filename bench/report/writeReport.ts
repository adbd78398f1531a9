import { mkdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import { replaceFile } from "../../harness/replaceFile.ts";
import { renderChart } from "./chart.ts";
import { renderMarkdown } from "./markdown.ts";
import type { Report } from "./report.ts";

/**
 * Writes a report as JSON and, beside it, as Markdown and its picture; each whole or not at all.
 * @param path of the JSON file; it ends with `.json`
 * @returns the files' paths
 */
export function writeReport(report: Report, path: string): readonly string[] {
  const chart = path.replace(/\.json$/, ".svg");
  mkdirSync(dirname(path), { recursive: true });
  // Without ratios there is nothing to draw.
  const drawn = report.spots.some(({ base }) => base !== null);
  const files: readonly (readonly [string, string])[] = [
    [path, `${JSON.stringify(report, undefined, 1)}\n`],
    [path.replace(/\.json$/, ".md"), renderMarkdown(report, drawn ? basename(chart) : undefined)],
    ...(drawn ? ([[chart, renderChart(report)]] as const) : []),
  ];
  for (const [file, content] of files) replaceFile(file, content);
  return files.map(([file]) => file);
}
