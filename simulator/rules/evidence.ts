import { lastCopyPhrase, offPhrase } from "../../src/operate/decideFailover.ts";

/**
 * What a failover asks beyond the mirrors' own words: about the old mirror, at its KVM host, before it is turned off and once more when it is off.
 * Stands here until src/operate/decideFailover.ts weighs it itself; simulator/decisions.ts is the one place that calls it.
 */
export interface Evidence {
  readonly domain: "running" | "off" | "unknown";
  /** Volume → since when it has gone on alone; undefined: the marks could not be read. */
  readonly marks: ReadonlyMap<string, string> | undefined;
}

/** Words with which an operator gives up what a mirror is known to have written alone. */
export const givenUpPhrase = (old: string, since: string): string => `give up what ${old} wrote alone since ${since}`;

/** Words for a mirror whose KVM host cannot be asked: that it is off, and that it wrote nothing that the other one lacks. */
export const offSincePhrase = (old: string, since: string): string => `${offPhrase(old)}, and wrote nothing after ${since}`;

export interface Question {
  readonly old: string;
  readonly to: string;
  readonly evidence: Evidence;
  /** The old mirror answers, and has a Primary that is not Connected. */
  readonly lonePrimary: boolean;
  /** Its generations and the other mirror's are the same. */
  readonly same: boolean;
  /** Since when the other one has not heard it. */
  readonly lostSince: string;
  readonly confirmed: string | undefined;
}

/** @throws saying which words are missing */
export function weighEvidence({ old, to, evidence, lonePrimary, same, lostSince, confirmed }: Question): void {
  if (confirmed === lastCopyPhrase(old, to)) return;
  const [since] = evidence.marks?.values() ?? [];
  const refuse = (why: string, phrase: string): void => {
    if (confirmed !== phrase) throw new Error(`${why}; repeat with --confirm "${phrase}"`);
  };
  if (since !== undefined) refuse(`${old} has gone on alone since ${since}`, givenUpPhrase(old, since));
  else if (evidence.marks === undefined) refuse(`nobody can say whether ${old} went on alone`, offSincePhrase(old, lostSince));
  else if (lonePrimary && !same) refuse(`${old} is Primary, lives, and has writes that ${to} lacks`, givenUpPhrase(old, lostSince));
}
