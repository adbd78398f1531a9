/** A line of the writer (guest/writer.py); `at` is the guest's monotonic clock in milliseconds. */
export type Record =
  | { readonly kind: "hello"; readonly run: number; readonly size: number }
  | {
      readonly kind: "invoke" | "ack";
      readonly lane: number;
      readonly lba: number;
      readonly seq: number;
      readonly at: number;
    }
  | {
      readonly kind: "error";
      readonly lane: number;
      readonly lba: number;
      readonly seq: number;
      readonly at: number;
      readonly errno: number;
    }
  | { readonly kind: "flush-error"; readonly lane: number; readonly at: number; readonly errno: number }
  | { readonly kind: "paused" | "resumed" | "stopped"; readonly at: number };

const simple = { p: "paused", r: "resumed", s: "stopped" } as const;

/** @throws when the line is none of the writer's: an oracle that guesses is none. */
export function parseRecord(line: string): Record {
  const [letter = "", ...words] = line.split(" ");
  const numbers = words.map((word) => (/^\d+(\.\d+)?$/.test(word) ? Number(word) : Number.NaN));
  const [n0 = 0, n1 = 0, n2 = 0, n3 = 0, n4 = 0] = numbers;
  const has = (letters: string, count: number): boolean =>
    letters.includes(letter) && numbers.length === count && !numbers.some(Number.isNaN);
  if (has("h", 2)) return { kind: "hello", run: n0, size: n1 };
  if (has("ia", 4)) return { kind: letter === "i" ? "invoke" : "ack", lane: n0, lba: n1, seq: n2, at: n3 };
  if (has("e", 5)) return { kind: "error", lane: n0, lba: n1, seq: n2, at: n3, errno: n4 };
  if (has("f", 3)) return { kind: "flush-error", lane: n0, at: n1, errno: n2 };
  if (has("prs", 1)) return { kind: simple[letter as keyof typeof simple], at: n0 };
  throw new Error(`the writer said ${JSON.stringify(line)}, which is no record`);
}
