import { recipeFigure, recipeRatio } from "../recipe.ts";
import { figureOf } from "./figures.ts";
import type { Report } from "./report.ts";
import { digits, loadsOf, markdownTable, ratioDigits, spreadWords } from "./words.ts";

/** The disks as guests see them: figures, ratios to Direct, and the recipe's own beside both. */
export function disksTables(report: Report): readonly string[] {
  const loads = loadsOf(report);
  const others = report.spots.filter(({ base }) => base !== null);
  const withRecipe = (words: string, recipe: string | undefined): string =>
    recipe === undefined ? words : `${words}; recipe ${recipe}`;
  const ratios = (): readonly string[] => [
    "Requests per second as a part of Direct on the same bus: the median (least–most) of the ratios within each " +
      "repetition. More is better. The recipe's ratios are to its Direct by SATA, the only one that it has.",
    markdownTable(
      ["load", ...others.map(({ title }) => title)],
      loads.map(({ name, title }) => [
        title,
        ...others.map((spot) => {
          const recipe = recipeRatio(spot.name, name);
          return withRecipe(
            spreadWords(figureOf(report, name, spot.name).ratio, ratioDigits),
            recipe === undefined ? undefined : ratioDigits(recipe),
          );
        }),
      ]),
    ),
  ];
  return [
    "Median (least–most) of the repetitions; after `recipe` the figure of the recipe that this project began with.",
    markdownTable(
      ["load", "", ...report.spots.map(({ title }) => title)],
      loads.map(({ name, title, unit }) => [
        title,
        unit,
        ...report.spots.map((spot) => {
          const recipe = recipeFigure(spot.name, name);
          return withRecipe(
            spreadWords(figureOf(report, name, spot.name).value),
            recipe === undefined ? undefined : digits(recipe),
          );
        }),
      ]),
    ),
    ...(others.length === 0 ? [] : ratios()),
  ];
}
