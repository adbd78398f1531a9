/**
 * The one rule of how many mirrors there are, and who is whose peer: a stack has one pair of mirrors, each the other's
 * copy. Whoever counts mirrors asks here.
 */

/** Copies of a volume: one on each mirror. */
export const mirrorCount = 2;

/** What has the name of a mirror. */
interface Named {
  readonly name: string;
}

/** The peer of a mirror; undefined where it is not known. */
export function findPeer<Mirror extends Named>(mirrors: readonly Mirror[], name: string): Mirror | undefined {
  return mirrors.find((mirror) => mirror.name !== name);
}

/** The peer of a mirror. @throws when there is none: the configuration's rules have checked that there are two */
export function peerOf<Mirror extends Named>(mirrors: readonly Mirror[], name: string): Mirror {
  const peer = findPeer(mirrors, name);
  if (peer === undefined) throw new Error(`mirror ${name} has no peer`);
  return peer;
}
