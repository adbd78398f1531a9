/** Text as it may stand in HTML, in an attribute as well. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** A table cell: a text, or one that is marked as good or bad. */
export type Cell = string | { readonly text: string; readonly mark: "good" | "bad" | "open" };

/** An HTML table; all texts are escaped. */
export function htmlTable(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cell = (content: Cell): string =>
    typeof content === "string"
      ? `<td>${escapeHtml(content)}</td>`
      : `<td class="${content.mark}">${escapeHtml(content.text)}</td>`;
  return [
    "<table>",
    `<tr>${head.map((title) => `<th>${escapeHtml(title)}</th>`).join("")}</tr>`,
    ...rows.map((row) => `<tr>${row.map(cell).join("")}</tr>`),
    "</table>",
  ].join("\n");
}

/** Seconds with one decimal, as in `3.2 s`; a dash for what is not there. */
export function showSeconds(seconds: number | null): string {
  return seconds === null ? "–" : `${seconds.toFixed(1)} s`;
}

const pageStyle = `
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --soft: #8884;
  --good: #1a7f37; --bad: #c62828; --open: #9a6700 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e6e6; --paper: #16191d;
  --good: #4ac26b; --bad: #ff6b6b; --open: #d4a72c } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; margin: 1rem 0; font-size: 13px }
td, th { padding: .25rem .6rem; border-bottom: 1px solid var(--soft); text-align: left; vertical-align: top }
.verdict { font-size: 1.3rem; font-weight: 600 }
.good { color: var(--good) } .bad { color: var(--bad) } .open { color: var(--open) }
svg { width: 100%; font-size: 12px } svg text { fill: var(--ink) }
`;

/**
 * A page that needs nothing else: no script, no font, no picture from outside.
 * @param style rules of CSS beside those that every page has
 * @param body HTML, in parts
 */
export function htmlPage(title: string, style: string, body: readonly string[]): string {
  return [
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" ' +
      `content="width=device-width"><title>${escapeHtml(title)}</title>`,
    `<style>${pageStyle}${style.replace(/^\n/, "")}</style></head><body>`,
    `<h1>${escapeHtml(title)}</h1>`,
    ...body,
    "</body></html>\n",
  ].join("\n");
}
