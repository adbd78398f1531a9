import { type Evidence, timeOf } from "../observe/evidence.ts";
import type { GroupView } from "../observe/groupSight.ts";

/**
 * Seconds by which a mirror may have been heard later than its last sign of life on its marks disk. DRBD notices within
 * 20 s that a peer is gone (twice ping-int); a sign is 2 s apart; the rest is for clocks that differ.
 */
const margin = 90;

/**
 * What the KVM host of a mirror says, weighed against what the other mirror knows: a mirror is not off because its own
 * host has no process of it. It may have been moved, by `virsh migrate` or by a copy of its disks, and what is left of
 * them on that host says nothing. Then it is `moved`, and `why` says by what that is known:
 * - it answers
 * - the other mirror has heard it after it last wrote a sign of life on the marks disk that its own host has
 */
export function weighed(known: Evidence, old: string, views: readonly GroupView[]): Evidence {
  if (known.domain !== "off") return known;
  const moved = (why: string): Evidence => ({ domain: "moved", marks: undefined, why });
  if (views.some(({ sights }) => sights.some(({ mirror }) => mirror === old)))
    return moved("it answers, and its own KVM host says that it is off");
  const heard = heardAfterSign(known, old, views);
  if (heard === undefined) return known;
  return moved(
    `it was heard until ${timeOf(heard)}, and the disks that its own KVM host has were last in use at ` +
      timeOf(known.alive ?? 0),
  );
}

/** The same of every mirror. */
export function allWeighed(
  known: ReadonlyMap<string, Evidence>,
  views: readonly GroupView[],
): ReadonlyMap<string, Evidence> {
  return new Map([...known].map(([mirror, told]) => [mirror, weighed(told, mirror, views)]));
}

/** Until when the other mirror has heard it, where its last sign of life is too old for that; else undefined. */
export function heardAfterSign({ alive }: Evidence, old: string, views: readonly GroupView[]): number | undefined {
  const heard = views.flatMap(({ sights }) =>
    sights
      .filter(({ mirror }) => mirror !== old)
      .flatMap(({ volumes }) => volumes.flatMap(({ heardUntil }) => heardUntil ?? [])),
  );
  const latest = Math.max(...heard);
  return alive === undefined || heard.length === 0 || latest - alive <= margin ? undefined : latest;
}
