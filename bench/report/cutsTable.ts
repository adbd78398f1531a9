import type { Report } from "./report.ts";
import { digits, markdownTable } from "./words.ts";

/** What a cut of the replication network did, one row an alternative. */
export function cutsTable({ cuts, spots }: Report): readonly string[] {
  const titleOf = (spot: string): string => spots.find(({ name }) => name === spot)?.title ?? spot;
  const seconds = (value: number): string => `${digits(value)} s`;
  return [
    "## The replication network is cut",
    "A writer on the primary goes on meanwhile. Then its blocks are read from the other mirror's copy alone, and " +
      "compared with what it was told is on the disk.",
    markdownTable(
      [
        "alternative",
        "cut",
        "longest time without an acknowledged flush",
        "whole again after",
        "acknowledged",
        "errors",
        "lost",
      ],
      cuts.map(({ spot, cutSeconds, stallSeconds, wholeSeconds, acknowledged, errors, compared, lost, words }) => [
        titleOf(spot),
        seconds(cutSeconds),
        seconds(stallSeconds),
        (wholeSeconds === null ? "not by itself" : seconds(wholeSeconds)) + (words === "" ? "" : ` (${words})`),
        String(acknowledged),
        String(errors),
        compared === 0 ? "not compared" : `${lost} of ${compared} blocks`,
      ]),
    ),
  ];
}
