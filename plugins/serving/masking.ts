/** Keeping secret values out of messages. */

/** Shorter lines of a longer secret are too likely to be ordinary words, like `yes`. */
const SHORTEST_LINE = 8;

/** Replaces every secret value, and every longer line of one, by `[secret]`. */
export function masker(secretTexts: readonly string[]): (message: string) => string {
  const lines = secretTexts.flatMap((text) => text.split(/\r?\n/).map((line) => line.trim()));
  const texts = [...secretTexts.map((text) => text.trim()), ...lines.filter((line) => line.length >= SHORTEST_LINE)];
  const longestFirst = [...new Set(texts)].filter((text) => text !== "").sort((a, b) => b.length - a.length);
  return (message) => longestFirst.reduce((masked, text) => masked.replaceAll(text, "[secret]"), message);
}
