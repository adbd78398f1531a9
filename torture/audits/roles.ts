/** A stretch of time (ms, the harness' clock) in which a mirror's volume was seen as Primary, sample after sample. */
export interface PrimaryTime {
  readonly mirror: string;
  readonly from: number;
  readonly to: number;
}

/** One sample of a mirror: when (ms of the mirror's own clock) and whether the volume is Primary. */
export interface RoleSample {
  readonly at: number;
  readonly primary: boolean;
}

/**
 * Stretches in which a mirror was Primary. Samples that are more than `gap` ms
 * apart end a stretch: what was between them is not known.
 */
export function primaryTimes(mirror: string, samples: readonly RoleSample[], gap = 3000): readonly PrimaryTime[] {
  const times: { mirror: string; from: number; to: number }[] = [];
  let open: { mirror: string; from: number; to: number } | undefined;
  for (const { at, primary } of samples) {
    if (open && (!primary || at - open.to > gap)) open = undefined;
    if (!primary) continue;
    if (open) open.to = at;
    else {
      open = { mirror, from: at, to: at };
      times.push(open);
    }
  }
  return times;
}

/** Two mirrors that were Primary at the same time, for longer than their clocks may differ (ms). */
export function twoPrimaries(
  times: readonly PrimaryTime[],
  tolerance: number,
): readonly [PrimaryTime, PrimaryTime] | undefined {
  for (const one of times) {
    for (const other of times) {
      if (one.mirror < other.mirror && Math.min(one.to, other.to) - Math.max(one.from, other.from) > tolerance)
        return [one, other];
    }
  }
  return undefined;
}
