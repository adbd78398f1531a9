import type { Box, Picture } from "./layout.ts";

const colours: Readonly<Record<Box["kind"], readonly [fill: string, line: string]>> = {
  host: ["#f4f4f2", "#8a8a85"],
  mirror: ["#dcebf7", "#3b73a8"],
  client: ["#ffffff", "#8a8a85"],
  network: ["#e6f2e1", "#4f8a3a"],
  group: ["#fbf0d9", "#b07d1a"],
};

/** A picture as SVG: the same picture gives the same text, whatever the machine. */
export function renderSvg({ width, height, boxes, texts, links }: Picture): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"` +
      ` font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...links.map(({ x1, x2, y }) => `<path d="M${x1} ${y}H${x2}" stroke="#4f8a3a" stroke-width="2"/>`),
    ...boxes.map(
      ({ kind, x, y, width: w, height: h }) =>
        `<rect x="${x}" y="${y}" width="${w}" height="${h}" rx="4"` +
        ` fill="${colours[kind][0]}" stroke="${colours[kind][1]}"/>`,
    ),
    ...texts.map(
      ({ x, y, text, title }) =>
        `<text x="${x}" y="${y}" xml:space="preserve"${title ? ' font-weight="bold"' : ""}>${escaped(text)}</text>`,
    ),
    "</svg>",
    "",
  ].join("\n");
}

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
