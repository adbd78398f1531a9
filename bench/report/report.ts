import { z } from "zod";
import { messageOf } from "../../plugins/serving/messageOf.ts";

const amount = z.number().nonnegative();
const count = z.number().int().nonnegative();
const name = z.string().min(1);
const time = z.iso.datetime();
const where = { repetition: z.number().int().positive(), load: name, spot: name };

const schema = z.strictObject({
  version: z.literal(1),
  /**
   * `disks`: as the guest sees them, beside Direct; `layers`: what a request goes through, one by one; `servers`: over
   * the network, beside the volume on its primary; `alternatives`: other ways to have a volume on both mirrors.
   */
  part: z.enum(["disks", "layers", "servers", "alternatives"]),
  stack: name,
  seed: z.number().int(),
  started: time,
  ended: time,
  /** Whether every repetition came to its end. */
  complete: z.boolean(),
  /** What it was measured on. */
  machine: z.strictObject({
    guests: z.enum(["kvm", "qemu"]),
    processor: z.string(),
    processors: count,
    qemu: z.string(),
  }),
  /** How many times slower than this machine's the guests' clock runs. Figures are by the guests' clock. */
  slow: z.number().positive(),
  /** What disks were held to, by the guests' clock; null: nothing. */
  diskSpeed: z.strictObject({ bytesPerSecond: amount, requestsPerSecond: amount }).nullable(),
  /** Seconds of one measurement, and bytes that it reads and writes, at most. */
  seconds: z.number().positive(),
  region: z.number().int().positive(),
  repetitions: z.number().int().positive(),
  loads: z.array(name),
  /** `base`: what its ratios are to. `above`: the layer to which it adds something. */
  spots: z.array(z.strictObject({ name, title: name, base: name.nullable(), above: name.nullable() })),
  samples: z.array(
    z.strictObject({
      ...where,
      bytesPerSecond: amount,
      requestsPerSecond: amount,
      /** Mean of a request, with its fsync where the load has one. */
      requestMicros: amount,
      p99Micros: amount,
    }),
  ),
  failures: z.array(z.strictObject({ ...where, message: z.string() })),
  /** What a cut of the replication network did, under torture's writer on the primary. */
  cuts: z
    .array(
      z.strictObject({
        spot: name,
        cutSeconds: amount,
        /** Longest time without an acknowledged flush: a write alone may be answered from memory. */
        stallSeconds: amount,
        /** From the end of the cut until both copies were there again, by themselves; null: they were not. */
        wholeSeconds: amount.nullable(),
        /** Writes and flushes that failed. */
        errors: count,
        acknowledged: count,
        /** Blocks of the other mirror's copy that were compared with what was acknowledged; those that are wrong. */
        compared: count,
        lost: count,
        words: z.string(),
      }),
    )
    .default([]),
});

/** What a run measured, one sample a load, spot and repetition. */
export type Report = z.output<typeof schema>;
export type Sample = Report["samples"][number];

/**
 * The report in a file's text.
 * @param file its name, for the message
 * @throws when the text is no report
 */
export function parseReport(text: string, file: string): Report {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is no JSON: ${messageOf(error)}`);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new Error(`${file} is no report of bench: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
