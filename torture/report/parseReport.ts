import { z } from "zod";
import type { Report } from "./report.ts";
import { messageOf } from "../../plugins/serving/messageOf.ts";

const seconds = z.number().nonnegative();
const count = z.number().int().nonnegative();
const time = z.iso.datetime();
const phase = z.strictObject({ name: z.string().min(1), seconds });

const mirrorWork = z.strictObject({
  mirror: z.string().min(1),
  was: z.enum(["primary", "standby"]),
  processes: count,
  cpu: seconds,
});

const kill = z.strictObject({
  number: z.number().int().positive(),
  kind: z.string().min(1),
  target: z.string().min(1),
  at: time,
  recovery: z.enum(["switch", "failover", "return", "none"]),
  stall: seconds.nullable(),
  phases: z.array(phase),
  readBack: z.strictObject({ blocks: count, acknowledged: count }).nullable(),
  rejoined: seconds.nullable(),
  outOfSync: count.nullable(),
  violations: z.array(z.strictObject({ kind: z.string().min(1), lba: count, detail: z.string() })),
  audits: z.array(z.strictObject({ name: z.string().min(1), passed: z.boolean().nullable(), detail: z.string() })),
  work: z.array(mirrorWork).optional(),
  sequence: z
    .strictObject({
      kind: z.string().min(1),
      steps: z.array(z.strictObject({ name: z.string().min(1), at: seconds, seconds, seen: z.string() })),
    })
    .optional(),
});

const run = z.strictObject({
  id: z.string().min(1),
  stack: z.string().min(1),
  mode: z.enum(["manual", "automatic"]),
  protocol: z.enum(["nbd", "iscsi"]),
  seed: z.number().int(),
  virtualization: z.enum(["kvm", "qemu"]),
  slowness: z.number().int().min(2).optional(),
  started: time,
  ended: time,
  floor: z.array(phase),
  control: z.string().min(1).nullable(),
  kills: z.array(kill),
});

const report = z.strictObject({ version: z.literal(1), runs: z.array(run).min(1) });

/**
 * The report in a file's text.
 * @param name of the file, for the message
 * @throws when the text is no report: a damaged one must not count as one without losses.
 */
export function parseReport(text: string, name: string): Report {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`${name} is no JSON: ${messageOf(error)}`);
  }
  const parsed = report.safeParse(value);
  if (!parsed.success) throw new Error(`${name} is no torture report: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
