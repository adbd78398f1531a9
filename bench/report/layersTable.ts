import type { Load } from "../loads.ts";
import { figureOf, paired } from "./figures.ts";
import type { Report, Sample } from "./report.ts";
import { spreadOf } from "./spread.ts";
import { digits, loadsOf, markdownTable, ratioDigits, spreadWords } from "./words.ts";

/** What the rows are, and what their ratios are to. */
const words: Readonly<Record<Report["part"], { readonly what: string; readonly base: string }>> = {
  disks: { what: "disk", base: "Direct's" },
  layers: { what: "layer", base: "the bare disk's" },
  servers: { what: "server", base: "DRBD's on the primary" },
  alternatives: { what: "alternative", base: "the bare disk's" },
};

/** Loads of one request at a time are told by what it takes; the others by how much gets through. */
const byTime = ({ depth, blockSize }: Load): boolean => depth === 1 && blockSize < 2 ** 20;

/** What a request takes on each layer, and what each layer adds. */
export function layersTables(report: Report): readonly string[] {
  const loads = loadsOf(report);
  const { what, base } = words[report.part];
  const beside = report.spots.every(({ above }) => above === null);
  const title = (load: Load): string => `${load.title}, ${byTime(load) ? "µs a request" : unitOf(load)}`;
  return [
    "Median of the repetitions. In brackets" +
      (beside
        ? `: requests per second, as a part of ${base}.`
        : `, of a request's time: what the ${what} adds to the one that its name says, the median of the differences ` +
          `within each repetition; of what gets through: the part of ${base}.`),
    markdownTable(
      [what, ...loads.map(title)],
      report.spots.map(({ name, title: layer, above }) => [
        layer + added(report, above),
        ...loads.map((load) => cell(report, load, name, above)),
      ]),
    ),
  ];
}

const unitOf = ({ blockSize }: Load): string => (blockSize < 2 ** 20 ? "requests/s" : "MB/s");

/** ` (over: NBD, same mirror)`. */
function added({ spots }: Report, above: string | null): string {
  const title = spots.find(({ name }) => name === above)?.title;
  return title === undefined ? "" : ` (over: ${title})`;
}

function cell(report: Report, load: Load, spot: string, above: string | null): string {
  const { value, ratio } = figureOf(report, load.name, spot);
  if (value === undefined) return "–";
  const part = ratio === undefined ? "" : ` (× ${ratioDigits(ratio.median)})`;
  if (!byTime(load)) return digits(value.median) + part;
  const micros = ({ requestMicros }: Sample): number => requestMicros;
  const own = spreadOf(report.samples.filter((one) => one.load === load.name && one.spot === spot).map(micros));
  const more =
    above === null
      ? undefined
      : spreadOf(paired(report, load.name, spot, above, (one, other) => micros(one) - micros(other)));
  const shown = spreadWords(own && { ...own, count: 1 });
  return more === undefined
    ? shown + part
    : `${shown} (${more.median < 0 ? "−" : "+"}${digits(Math.abs(more.median))})`;
}
