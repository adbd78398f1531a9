/** What a mirror had done since it booted, at one moment (ms, the harness' clock). */
export interface WorkSample {
  readonly at: number;
  /** The last process number given: programs, subshells and threads have one each. */
  readonly lastProcess: number;
  /** Seconds of its processors in which something ran. */
  readonly busy: number;
}

/** What a mirror did in a stretch of time. */
export interface Work {
  /** Processes, subshells and threads that were begun. */
  readonly processes: number;
  /** Seconds of its processors. */
  readonly cpu: number;
}

/**
 * What a mirror did from a time to another (ms), torture's own look at its role included, by the samples nearest
 * outside. Undefined when it was not seen all that time: it died, or booted meanwhile.
 */
export function workBetween(samples: readonly WorkSample[], from: number, to: number): Work | undefined {
  const first = samples.findLast(({ at }) => at <= from);
  const last = samples.find(({ at }) => at >= to);
  if (!first || !last || last.busy < first.busy || last.lastProcess < first.lastProcess) return undefined;
  return { processes: last.lastProcess - first.lastProcess, cpu: last.busy - first.busy };
}
