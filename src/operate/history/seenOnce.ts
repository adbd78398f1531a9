/** Something that a mirror's journal tells of. */
export interface Sighting {
  /** Milliseconds since 1970, by the clock of that mirror. */
  readonly at: number;
  /** The mirror whose journal tells of it. */
  readonly observer: string;
  /** The same of whatever may be the same thing. */
  readonly key: string;
}

/** Milliseconds by which the mirrors' clocks, and their messages about the same thing, may be apart. */
export const apart = 60_000;

/**
 * Sightings of one thing by several mirrors become one group each, in order of time. The same thing cannot happen twice
 * without its opposite in between, so the first that another mirror saw is the first that this one saw.
 */
export function seenOnce<Seen extends Sighting>(sightings: readonly Seen[]): readonly (readonly [Seen, ...Seen[]])[] {
  const groups: [Seen, ...Seen[]][] = [];
  for (const one of sightings.toSorted((left, right) => left.at - right.at)) {
    const same = groups.find(
      ([first, ...more]) =>
        first.key === one.key &&
        one.at - first.at <= apart &&
        ![first, ...more].some(({ observer }) => observer === one.observer),
    );
    if (same) same.push(one);
    else groups.push([one]);
  }
  return groups;
}
