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
