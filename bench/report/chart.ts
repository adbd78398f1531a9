import { escapeHtml } from "../../harness/html.ts";
import { recipeRatio } from "../recipe.ts";
import { figureOf } from "./figures.ts";
import type { Report } from "./report.ts";
import type { Spread } from "./spread.ts";
import { loadsOf, ratioDigits } from "./words.ts";

const width = 1000;
const left = 270;
const right = 80;
const top = 70;
const barHeight = 18;
const gap = 22;
/** What is longer is cut; its figure says how much it is. */
const widest = 2;
/** What is drawn as 1. */
const one: Readonly<Record<Report["part"], string>> = {
  disks: "Direct",
  layers: "disk",
  servers: "DRBD",
  alternatives: "disk",
};

/** Told apart by people who see no red and green as well (Okabe and Ito). */
const colours = ["#0072b2", "#56b4e9", "#d55e00", "#e69f00", "#009e73", "#cc79a7"];
const ink = "fill:#1b1f24";

/**
 * The ratios as an SVG that stands alone: for every load a group of bars, one a spot, as long as its median
 * ratio, which stands at the right; a line from the least to the most; a diamond at the recipe's ratio; an
 * upright line at 1.
 */
export function renderChart(report: Report): string {
  const spots = report.spots.filter(({ base }) => base !== null);
  const loads = loadsOf(report);
  const groupHeight = spots.length * barHeight + gap;
  const height = top + loads.length * groupHeight + 30;
  const most = Math.max(
    1.1,
    ...loads.flatMap(({ name }) =>
      spots.flatMap((spot) => [figureOf(report, name, spot.name).ratio?.max ?? 0, recipeRatio(spot.name, name) ?? 0]),
    ),
  );
  const end = Math.min(widest, Math.ceil(most * 5) / 5);
  const x = (ratio: number): number => left + ((width - left - right) * Math.min(ratio, end)) / end;
  const parts = [
    `<rect width="${width}" height="${height}" style="fill:#fff"/>`,
    text(16, 26, `Requests per second, ${one[report.part]} = 1`, 18),
    ...legend(
      spots.map(({ title }) => title),
      loads.some(({ name }) => spots.some((spot) => recipeRatio(spot.name, name) !== undefined)),
    ),
    ...ticks(end).map((tick) => axis(x(tick), tick, height)),
    ...loads.flatMap((load, group) => {
      const y = top + group * groupHeight;
      return [
        text(16, y + (spots.length * barHeight) / 2 + 5, load.title, 15),
        ...spots.flatMap((spot, index) =>
          bar(
            `${spot.title}, ${load.title}`,
            colours[index % colours.length] as string,
            y + index * barHeight,
            x,
            figureOf(report, load.name, spot.name).ratio,
            recipeRatio(spot.name, load.name),
          ),
        ),
      ];
    }),
  ];
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" ` +
    `font-family="system-ui, sans-serif">\n<title>Ratios by load</title>\n${parts.join("\n")}\n</svg>\n`
  );
}

function bar(
  title: string,
  colour: string,
  y: number,
  x: (ratio: number) => number,
  ratio: Spread | undefined,
  recipe: number | undefined,
): readonly string[] {
  const middle = y + barHeight / 2;
  const diamond =
    recipe === undefined
      ? []
      : [
          `<path d="M${place(x(recipe))} ${middle - 7}${diamondShape}>` +
            `<title>${escapeHtml(title)}: recipe ${ratioDigits(recipe)}</title></path>`,
        ];
  if (ratio === undefined) return [text(left + 6, middle + 4, "not measured", 12), ...diamond];
  const words = `${title}: ${ratioDigits(ratio.median)} (${ratioDigits(ratio.min)} to ${ratioDigits(ratio.max)})`;
  return [
    `<rect x="${left}" y="${y + 1}" width="${place(x(ratio.median) - left)}" height="${barHeight - 2}" ` +
      `style="fill:${colour}"><title>${escapeHtml(words)}</title></rect>`,
    `<path d="M${place(x(ratio.min))} ${middle}H${place(x(ratio.max))}" style="stroke:#1b1f24;stroke-width:1.5"/>`,
    ...diamond,
    text(width - right + 20, middle + 4, ratioDigits(ratio.median), 13),
  ];
}

/** What follows the place of a diamond's upper corner. */
const diamondShape = 'l6 7l-6 7l-6 -7z" style="fill:#fff;stroke:#1b1f24;stroke-width:1.5"';

function legend(titles: readonly string[], withRecipe: boolean): readonly string[] {
  const step = Math.min(190, (width - 32) / (titles.length + (withRecipe ? 1 : 0)));
  return [
    ...titles.flatMap((title, index) => [
      `<rect x="${place(16 + index * step)}" y="40" width="14" height="14" ` +
        `style="fill:${colours[index % colours.length]}"/>`,
      text(36 + index * step, 52, title, 14),
    ]),
    ...(!withRecipe
      ? []
      : [
          `<path d="M${place(23 + titles.length * step)} 40${diamondShape}/>`,
          text(36 + titles.length * step, 52, "the recipe's ratio", 14),
        ]),
  ];
}

function ticks(end: number): readonly number[] {
  const step = end > 1.2 ? 0.5 : 0.2;
  return Array.from({ length: Math.floor(end / step + 1e-9) + 1 }, (_, index) => index * step);
}

function axis(at: number, tick: number, height: number): string {
  const stroke = Math.abs(tick - 1) < 1e-9 ? "stroke:#1b1f24;stroke-width:1.5" : "stroke:#d0d7de";
  return (
    `<path d="M${place(at)} ${top - 8}V${height - 28}" style="${stroke}"/>` +
    `<text x="${place(at)}" y="${height - 10}" font-size="13" text-anchor="middle" style="${ink}">` +
    `${tick.toFixed(1)}</text>`
  );
}

const text = (x: number, y: number, words: string, size: number): string =>
  `<text x="${place(x)}" y="${place(y)}" font-size="${size}" style="${ink}">${escapeHtml(words)}</text>`;

const place = (value: number): string => value.toFixed(1).replace(/\.0$/, "");
