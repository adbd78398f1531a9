import { timeOf } from "../observe/evidence.ts";
import { keptSince } from "../observe/keptSince.ts";
import { isWhole } from "../observe/whole.ts";
import type { VolumeView } from "./diskConcerns.ts";

/** What a copy that is a mixture may go back to. A sentence more about it; empty where there is nothing to say. */
export function mixtureWords(view: VolumeView): string {
  const { name, mirror, disk } = view;
  if (disk !== "Inconsistent") return "";
  const since = keptSince(view);
  if (since === undefined) return withoutSnapshot(view);
  return (
    `. If the peer is lost for good: ${mirror} keeps its copy from before the synchronisation of ` +
    `${timeOf(since)} (kvm-mirror recover ${name} --roll-back ${mirror})`
  );
}

/** That a synchronisation overwrites a copy of which nothing is kept, where something should be. */
export const withoutSnapshot = ({ mirror, snapshot }: VolumeView): string =>
  snapshot?.useless == null ? "" : `. ${mirror} keeps no copy from before it: ${snapshot.useless}`;

/** A snapshot that outlived its synchronisation. */
export function snapshotConcerns(views: readonly VolumeView[]): readonly string[] {
  return views
    .filter((view) => isWhole(view) && view.snapshot?.made != null)
    .map(
      ({ name, mirror }) =>
        `volume ${name}: ${mirror} still keeps its copy from before a synchronisation that has ended, which slows ` +
        `writes: sudo /usr/local/lib/kvm-mirror/snapshot-after-sync.sh ${name} there`,
    );
}
