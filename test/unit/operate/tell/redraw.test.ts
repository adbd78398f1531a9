import { describe, expect, it } from "vitest";
import { canvasOn } from "../../../../src/operate/tell/redraw.ts";

const when = new Date("2026-11-27T13:00:00.500Z");
function drawn(
  texts: readonly string[],
  terminal: { isTTY?: boolean; rows?: number; columns?: number },
  kind?: string,
) {
  const written: string[] = [];
  const canvas = canvasOn({ write: (text: string) => written.push(text), ...terminal }, kind);
  for (const text of texts) canvas.draw(text, when);
  canvas.end();
  return written;
}
const wide = { isTTY: true, rows: 10, columns: 40 };

describe("on a terminal", () => {
  it("draws over the picture before, one write each, clears nothing first, and gives the terminal back", () => {
    expect(drawn(["one\ntwo\n", "three\n"], wide, "xterm")).toEqual([
      "\x1b[?1049h\x1b[?25l\x1b[Hone\x1b[K\r\ntwo\x1b[K\r\n\x1b[K\r\n2026-11-27 13:00:00 UTC, q ends\x1b[K\x1b[J",
      "\x1b[Hthree\x1b[K\r\n\x1b[K\r\n2026-11-27 13:00:00 UTC, q ends\x1b[K\x1b[J",
      "\x1b[?25h\x1b[?1049lthree\n",
    ]);
  });

  it.each([1, 2, 3, 5, 30])("never draws more lines than its %s rows, nor longer ones than its columns", (rows) => {
    const text = Array.from({ length: 20 }, (_, line) => `\x1b[31mline ${line} ${"x".repeat(60)}\x1b[39m`).join("\n");
    const [picture = ""] = drawn([text], { isTTY: true, rows, columns: 30 }, "xterm");
    const lines = picture.replaceAll(/\x1b\[[?0-9;]*[A-Za-z]/g, "").split("\r\n");
    expect(lines.length).toBeLessThanOrEqual(rows);
    for (const line of lines) expect(line.length).toBeLessThan(30);
    expect(lines.at(-1)).toContain("2026-11-27");
    if (rows === 5) expect(lines[3]).toBe("… 17 more lines");
  });

  it("draws nothing where nothing was seen", () => expect(drawn([], wide, "xterm")).toEqual([]));
});

it.each([
  ["no terminal", { isTTY: false }, "xterm"],
  ["a dumb one", wide, "dumb"],
  ["one of no kind", wide, undefined],
])("on %s each picture follows the one before, with its time", (_, terminal, kind) => {
  expect(drawn(["one\n", "two\n"], terminal, kind)).toEqual([
    "--- 2026-11-27 13:00:00 UTC\none\n\n",
    "--- 2026-11-27 13:00:00 UTC\ntwo\n\n",
  ]);
});
