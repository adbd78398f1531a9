import type { Load } from "../loads.ts";
import { figureOf, paired } from "./figures.ts";
import type { Report, Sample } from "./report.ts";
import { spreadOf } from "./spread.ts";
import { digits, loadsOf, markdownTable, ratioDigits, spreadWords } from "./words.ts";

/** Loads of one request at a time are told by what it takes; the others by how much gets through. */
const byTime = ({ depth, blockSize }: Load): boolean => depth === 1 && blockSize < 2 ** 20;

/** What a request takes on each layer, and what each layer adds to the one above it in the table. */
export function layersTables(report: Report): readonly string[] {
  const loads = loadsOf(report);
  const title = (load: Load): string => `${load.title}, ${byTime(load) ? "µs a request" : unitOf(load)}`;
  return [
    "Median of the repetitions; in brackets what the layer adds to the one above it, the median of the differences " +
      "within each repetition, or, for what gets through, its part of the bare disk's.",
    markdownTable(
      ["layer", ...loads.map(title)],
      report.spots.map((spot, index) => {
        const before = report.spots[index - 1]?.name;
        return [spot.title, ...loads.map((load) => cell(report, load, spot.name, before))];
      }),
    ),
  ];
}

const unitOf = ({ blockSize }: Load): string => (blockSize < 2 ** 20 ? "requests/s" : "MB/s");

function cell(report: Report, load: Load, spot: string, before: string | undefined): string {
  const { value, ratio } = figureOf(report, load.name, spot);
  if (value === undefined) return "–";
  if (!byTime(load)) return digits(value.median) + (ratio === undefined ? "" : ` (× ${ratioDigits(ratio.median)})`);
  const micros = ({ requestMicros }: Sample): number => requestMicros;
  const own = spreadOf(report.samples.filter((one) => one.load === load.name && one.spot === spot).map(micros));
  const added =
    before === undefined
      ? undefined
      : spreadOf(paired(report, load.name, spot, before, (one, other) => micros(one) - micros(other)));
  const words = spreadWords(own && { ...own, count: 1 });
  return added === undefined ? words : `${words} (${added.median < 0 ? "−" : "+"}${digits(Math.abs(added.median))})`;
}
