/**
 * The shortest schedule that can be found which still fails: delta debugging, then single events.
 * @param fails whether a schedule still shows the same violation
 */
export function shrink(
  schedule: readonly number[],
  fails: (candidate: readonly number[]) => boolean,
): readonly number[] {
  let best = schedule;
  for (let size = Math.ceil(best.length / 2); size >= 1; ) {
    let removed = false;
    for (let from = 0; from < best.length; ) {
      const candidate = [...best.slice(0, from), ...best.slice(from + size)];
      if (candidate.length < best.length && fails(candidate)) {
        best = candidate;
        removed = true;
      } else from += size;
    }
    if (size === 1 && !removed) break;
    if (!removed || size > best.length) size = Math.max(1, Math.floor(size / 2));
  }
  return best;
}
