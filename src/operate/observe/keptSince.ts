import type { MirrorState } from "./states.ts";

/** When the copy was kept that a volume may go back to, seconds since 1970; undefined: none is, or it is of no use. */
export const keptSince = ({ snapshot }: Pick<MirrorState["volumes"][number], "snapshot">): number | undefined =>
  snapshot?.useless === null ? (snapshot.made ?? undefined) : undefined;
