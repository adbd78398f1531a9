import type { Canvas } from "../tell/redraw.ts";

/** Where keys come from: standard input. */
export interface Keys {
  readonly isTTY?: boolean | undefined;
  setRawMode?(raw: boolean): unknown;
  on(event: "data", heard: (bytes: Buffer) => void): unknown;
  off(event: "data", heard: (bytes: Buffer) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

/** Signals that end it: from another terminal, or where Ctrl-C is no key. */
export interface Signals {
  on(signal: "SIGINT" | "SIGTERM" | "SIGHUP", heard: () => void): unknown;
  off(signal: "SIGINT" | "SIGTERM" | "SIGHUP", heard: () => void): unknown;
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** q, Q, Ctrl-C and Ctrl-D: in raw mode the terminal sends them as they are. */
const ending = /[qQ\x03\x04]/;

/**
 * Shows what `look` says, again and again, until q, Ctrl-C or a signal. A look that is at work then is not waited for.
 * @param pause seconds between the end of a look and the next one
 * @returns what the last look returned; undefined when there was none
 */
export async function watch<Result>(
  canvas: Canvas,
  { keys, signals: from }: { readonly keys: Keys; readonly signals: Signals },
  pause: number,
  look: () => Promise<{ readonly text: string; readonly result: Result }>,
): Promise<Result | undefined> {
  let end = (): void => undefined;
  let over = false;
  const ended = new Promise<void>((resolve) => {
    end = () => {
      over = true;
      resolve();
    };
  });
  const heard = (bytes: Buffer): void => {
    if (ending.test(bytes.toString("latin1"))) end();
  };
  const typed = keys.isTTY === true;
  if (typed) {
    keys.setRawMode?.(true);
    keys.on("data", heard);
    keys.resume();
  }
  for (const signal of signals) from.on(signal, end);
  let last: Result | undefined;
  try {
    while (!over) {
      const seen = await Promise.race([look(), ended]);
      if (!seen || over) break;
      last = seen.result;
      canvas.draw(seen.text, new Date());
      await sleep(pause, ended);
    }
  } finally {
    for (const signal of signals) from.off(signal, end);
    if (typed) {
      keys.off("data", heard);
      keys.setRawMode?.(false);
      keys.pause();
    }
    canvas.end();
  }
  return last;
}

async function sleep(seconds: number, ended: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<void>((resolve) => (timer = setTimeout(resolve, seconds * 1000)));
  await Promise.race([passed, ended]);
  clearTimeout(timer);
}
