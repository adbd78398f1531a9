/** A text of lines: nested lists are indented by four spaces each. */
export type Lines = readonly (string | Lines)[];

/** The text, with a newline behind each line. */
export function text(lines: Lines, depth = 0): string {
  return lines
    .map((line) =>
      typeof line === "string" ? `${line === "" ? "" : `${"    ".repeat(depth)}${line}`}\n` : text(line, depth + 1),
    )
    .join("");
}

/** A block of drbd.conf. */
export function block(head: string, body: Lines): Lines {
  return [`${head} {`, body, "}"];
}
