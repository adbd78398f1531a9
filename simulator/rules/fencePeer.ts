/**
 * What scripts/guest/replication/outdate.sh and scripts/guest/replication/fence-peer.sh decide, as pure functions;
 * test/scripts/simulatedRules.test.ts runs the same tables against the scripts.
 */

/**
 * outdate.sh: the peer's answer, from its own role, disk and connection;
 * `outdates`: it marks its disk, and then answers 4.
 */
export function outdateAnswer(
  role: string,
  disk: string,
  connected: boolean,
): { readonly code: 1 | 3 | 4 | 6 | 10; readonly outdates: boolean } {
  if (role === "Primary") return { code: disk === "UpToDate" ? 6 : 10, outdates: false };
  if (disk === "Inconsistent") return { code: 3, outdates: false };
  if (disk === "Outdated") return { code: 4, outdates: false };
  // `drbdadm outdate` fails on what has no disk.
  if (connected || disk === "Diskless" || disk === "Failed" || disk === "Unconfigured")
    return { code: 1, outdates: false };
  return { code: 4, outdates: true };
}

/** How group-start.sh told the handler that the peer is off (replication/lib/fenced.sh). */
export type Fenced = "no" | "confirmed" | "by-word";

/**
 * fence-peer.sh: the code that it gives to DRBD.
 * @param ask the peer's answer over the other networks; undefined: none
 * @param mark leaves the mark that this mirror goes on alone; false when it cannot
 */
export function handlerCode(
  primary: boolean,
  fenced: Fenced,
  ask: () => number | undefined,
  mark: () => boolean,
): 1 | 3 | 4 | 5 | 6 | 7 {
  // Its own disk knows that it is the only one: a mark that cannot be left keeps nobody from being promoted. The same
  // goes for a peer that knows that its own disk is outdated.
  const promoted = (): 7 => {
    mark();
    return 7;
  };
  if (!primary && fenced === "confirmed") return promoted();
  const answer = ask();
  if (answer === 3 || answer === 4 || answer === 6) {
    if (primary && answer !== 6) mark();
    return answer;
  }
  if (primary) return mark() ? 5 : 1;
  return fenced === "by-word" && answer !== 10 ? promoted() : 1;
}
