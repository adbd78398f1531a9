import { styleText } from "node:util";

/** Where a command shows what it does: results on standard output, all else on standard error. */
export interface Screen {
  /** Text of the result: lines of it, whenever they are whole. */
  write(text: string): void;
  /** A line of the result. */
  say(line: string): void;
  /** A line beside the result. */
  note(line: string): void;
  /** Shows that something is at work, and for how long, until it ends. */
  during<Result>(title: string, work: () => Result | Promise<Result>): Promise<Result>;
  /** A text of the result in a colour, where it is shown in one. */
  readonly paint: Paint;
  /** A text as this screen would show it, for who shows it by itself. */
  readonly spell: (text: string) => string;
}

export type Paint = (colour: "green" | "red", text: string) => string;
export const plain: Paint = (_, text) => text;

interface Stream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/**
 * On a terminal, what is at work is one line that is written anew each second; elsewhere a
 * line each half minute, so that a log file stays short.
 * @param spell what a text becomes before it is shown
 */
export function screenOn(out: Stream, beside: Stream, spell: (text: string) => string = (text) => text): Screen {
  const live = beside.isTTY === true;
  let shown = false;
  const clear = (): void => {
    if (shown) beside.write("\r\x1b[K");
    shown = false;
  };
  let half = "";
  const write = (text: string): void => {
    const lines = half + text;
    const end = lines.lastIndexOf("\n") + 1;
    half = lines.slice(end);
    if (end === 0) return;
    clear();
    out.write(spell(lines.slice(0, end)));
  };
  const note = (line: string): void => {
    clear();
    beside.write(`${spell(line)}\n`);
  };
  return {
    paint: out.isTTY === true && !process.env.NO_COLOR ? (colour, text) => styleText(colour, text, always) : plain,
    spell,
    write,
    say: (line) => write(`${line}\n`),
    note,
    async during(title, work) {
      const began = performance.now();
      const tick = (): void => {
        const text = `  at work for ${clock((performance.now() - began) / 1000)}: ${spell(title)}`;
        if (!live) return note(text);
        beside.write(`\r\x1b[K${text.slice(0, (beside.columns ?? 80) - 1)}`);
        shown = true;
      };
      if (live) tick();
      const timer = setInterval(tick, live ? 1000 : 30_000);
      try {
        return await work();
      } finally {
        clearInterval(timer);
        clear();
      }
    },
  };
}

const always = { validateStream: false };

/** Seconds as m:ss. */
const clock = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
