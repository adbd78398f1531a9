/** What is drawn on, and drawn anew: a terminal, or a stream to which one picture after the other is added. */
export interface Canvas {
  /** Shows a text in the place of the one before. @param when the moment, for a stream */
  draw(text: string, when: Date): void;
  /** Gives the terminal back as it was, with the last text on it. */
  end(): void;
}

export interface Terminal {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly rows?: number | undefined;
  readonly columns?: number | undefined;
}

// ECMA-48, and xterm's alternate screen, which keeps what was typed before: https://invisible-island.net/xterm/ctlseqs
const begin = "\x1b[?1049h\x1b[?25l";
const finish = "\x1b[?25h\x1b[?1049l";
const [home, restOfLine, restOfScreen] = ["\x1b[H", "\x1b[K", "\x1b[J"];
const escapes = /\x1b\[[0-9;]*m/g;

/**
 * On a terminal, pictures are drawn over each other from the top, line by line, so that nothing flickers; what does not
 * fit is counted. Elsewhere, or where the terminal is dumb, each follows the one before, behind a line with its time.
 * @param kind of terminal: TERM
 */
export function canvasOn(out: Terminal, kind: string | undefined): Canvas {
  if (out.isTTY !== true || kind === undefined || kind === "" || kind === "dumb")
    return {
      draw: (text, when) => void out.write(`--- ${moment(when)}\n${text}\n`),
      end: () => undefined,
    };
  let last = "";
  return {
    draw(text, when) {
      const first = last === "";
      last = text;
      const lines = fitting(`${text}\n${moment(when)}, q ends`.split("\n"), out.rows ?? 24, out.columns ?? 80);
      // One write: a terminal shows it at once. No line break after the last, which would scroll.
      out.write(`${first ? begin : ""}${home}${lines.map((line) => line + restOfLine).join("\r\n")}${restOfScreen}`);
    },
    end() {
      if (last !== "") out.write(`${finish}${last}`);
    },
  };
}

/** The lines that a screen has room for, each cut to its width; the last one, which says how it ends, always. */
function fitting(lines: readonly string[], rows: number, columns: number): readonly string[] {
  const narrow = lines.map((line) => (line.replace(escapes, "").length < columns ? line : cut(line, columns - 1)));
  if (narrow.length <= rows) return narrow;
  const shown = Math.max(rows - 2, 0);
  return [...narrow.slice(0, shown), `… ${lines.length - 1 - shown} more lines`, narrow.at(-1) ?? ""].slice(-rows);
}

/** Without colours: a colour that is cut off would go on. */
const cut = (line: string, width: number): string => line.replace(escapes, "").slice(0, width);

const moment = (when: Date): string => `${when.toISOString().slice(0, 19).replace("T", " ")} UTC`;
