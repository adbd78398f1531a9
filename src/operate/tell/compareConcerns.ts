import type { InventoryVolume } from "../../inventory/inventory.ts";
import type { MirrorState } from "../observe/states.ts";

const day = 86_400;
/** The longest time between two comparisons is a month; a volume may be left out once, or be late by hours. */
const overdue = 35 * day;

/** A volume whose copies should be compared by now: a disk that loses data in silence shows only that way. */
export function compareConcerns({ name }: InventoryVolume, states: readonly MirrorState[]): string[] {
  const views = states.flatMap(({ volumes }) => volumes.filter((view) => view.name === name));
  // Both mirrors hear of a comparison, and one of them may have been away.
  const ago = Math.min(...views.flatMap(({ comparedAgo }) => comparedAgo ?? []));
  if (ago <= overdue || !Number.isFinite(ago)) return [];
  return [
    `volume ${name}: its copies were last compared ${Math.floor(ago / day)} days ago, whatever kvm-mirror:verify ` +
      "says. On both mirrors: journalctl -u kvm-mirror-verify. To compare them now, on one of them: " +
      `sudo /usr/local/lib/kvm-mirror/verify.sh ${name}`,
  ];
}
