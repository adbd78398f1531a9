/** Numbers that look random and follow from a seed (mulberry32): the same seed gives the same torture. */
export interface Random {
  /** At least 0, less than 1. */
  next(): number;
  /** A whole number from 0 to below `count`. */
  below(count: number): number;
  /** One of the things, each as likely as its weight. @throws when there is none. */
  pick<T>(things: readonly T[], weight?: (thing: T) => number): T;
}

export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    below: (count) => Math.floor(next() * count),
    pick(things, weight = () => 1) {
      let rest = next() * things.reduce((total, thing) => total + weight(thing), 0);
      for (const thing of things) {
        rest -= weight(thing);
        if (rest < 0) return thing;
      }
      const last = things.findLast((thing) => weight(thing) > 0);
      if (last === undefined) throw new Error("nothing to pick from");
      return last;
    },
  };
}
