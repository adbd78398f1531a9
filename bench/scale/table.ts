/** A report's tables: ratios to the empty program, never seconds of one machine alone. */
import { type Spread, spreadOf } from "../report/spread.ts";
import type { Run } from "./project.ts";
import { type Size, type Task, tasks } from "./measure.ts";

/** Of each repetition the ratio of a size to the empty program. */
export function ratios(empty: readonly Run[], runs: readonly Run[], of: "seconds" | "cpu"): Spread | undefined {
  return spreadOf(runs.map((run, repetition) => run[of] / (empty[repetition]?.[of] ?? Number.NaN)));
}

/** Markdown. @param sizes the first is the empty program */
export function tables(sizes: readonly Size[]): string {
  const [empty, ...stacks] = sizes;
  if (empty === undefined) throw new Error("nothing was measured");
  const rows = (Object.keys(tasks) as Task[]).flatMap((task) =>
    stacks.map((size) => [
      task,
      String(size.volumes),
      words(ratios(empty.runs[task], size.runs[task], "cpu")),
      words(ratios(empty.runs[task], size.runs[task], "seconds")),
      String(size.resources),
      `${Math.round(size.stateBytes / 1024)} KiB`,
    ]),
  );
  const roles = [...new Set(sizes.flatMap(({ runs }) => runs.preview.flatMap(({ by }) => Object.keys(by))))].sort();
  const share = (size: Size, role: string): string =>
    (
      median(size.runs.preview.map(({ by }) => by[role] ?? 0)) / median(empty.runs.preview.map(({ cpu }) => cpu))
    ).toFixed(2);
  return [
    markdown(["task", "volumes", "processors", "clock", "resources", "state"], rows),
    markdown(
      ["preview of", ...roles],
      sizes.map((size) => [
        size.volumes === 0 ? "the empty program" : `${size.volumes} volumes`,
        ...roles.map((role) => share(size, role)),
      ]),
    ),
  ].join("\n");
}

const median = (values: readonly number[]): number => spreadOf(values)?.median ?? Number.NaN;

const words = (spread: Spread | undefined): string =>
  spread === undefined ? "-" : `${spread.median.toFixed(1)} (${spread.min.toFixed(1)} to ${spread.max.toFixed(1)})`;

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |\n`;
  return line(head) + line(head.map(() => "---")) + rows.map(line).join("");
}
