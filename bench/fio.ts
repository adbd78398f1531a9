import { z } from "zod";
import { messageOf } from "../plugins/serving/messageOf.ts";
import { isRead, type Load } from "./loads.ts";

/** What a job of fio came to, by the clock of the machine that it ran in. */
export interface Measured {
  readonly bytesPerSecond: number;
  readonly requestsPerSecond: number;
  /** Mean time of a request, microseconds; with its fsync where the load has one. */
  readonly requestMicros: number;
  /** Of the request, or of its fsync where the load has one: 99 of 100 are not slower. */
  readonly p99Micros: number;
}

export const nothing: Measured = { bytesPerSecond: 0, requestsPerSecond: 0, requestMicros: 0, p99Micros: 0 };

const latency = z.looseObject({
  mean: z.number().nonnegative(),
  percentile: z.record(z.string(), z.number()).optional(),
});
const direction = z.looseObject({
  bw_bytes: z.number().nonnegative(),
  iops: z.number().nonnegative(),
  total_ios: z.number().int().nonnegative(),
  lat_ns: latency,
  clat_ns: latency,
});

/** What is read of `fio --output-format=json` (3.28 and newer): the times are nanoseconds. */
const output = z.looseObject({
  jobs: z
    .array(
      z.looseObject({
        error: z.number().int(),
        read: direction,
        write: direction,
        sync: z.looseObject({ total_ios: z.number().int(), lat_ns: latency }),
      }),
    )
    .length(1),
});

/**
 * What fio says of one job. Words before the JSON are its warnings.
 * @throws when it is no report of a job that moved something
 */
export function parseFio(text: string, load: Load): Measured {
  let value: unknown;
  try {
    value = JSON.parse(text.slice(Math.max(0, text.search(/^\{/m))));
  } catch (error) {
    throw new Error(`fio's report is no JSON (${messageOf(error)}): ${text.trim().slice(0, 300)}`);
  }
  const parsed = output.safeParse(value);
  if (!parsed.success) throw new Error(`fio's report is not understood: ${z.prettifyError(parsed.error)}`);
  const job = parsed.data.jobs[0] as (typeof parsed.data.jobs)[number];
  if (job.error !== 0) throw new Error(`fio ended with error ${job.error} (errno)`);
  const done = isRead(load) ? job.read : job.write;
  if (done.total_ios === 0) throw new Error(`fio finished no request of ${load.title} in its time`);
  const slowest = load.fsync ? job.sync.lat_ns : done.clat_ns;
  if (load.fsync && job.sync.total_ios === 0) throw new Error("fio called no fsync");
  return {
    bytesPerSecond: done.bw_bytes,
    requestsPerSecond: done.iops,
    requestMicros: (done.lat_ns.mean + (load.fsync ? job.sync.lat_ns.mean : 0)) / 1000,
    p99Micros: (slowest.percentile?.["99.000000"] ?? slowest.mean) / 1000,
  };
}
