import type { Inventory } from "../../inventory/inventory.ts";
import { timeOf } from "../observe/evidence.ts";
import { keptSince } from "../observe/keptSince.ts";
import type { Observation } from "../observe/observe.ts";
import type { MirrorState } from "../observe/states.ts";
import { isParted } from "../observe/whole.ts";
import { otherMirror } from "../stack/named.ts";
import { bringBack } from "./bringBack.ts";
import { youTyped } from "./youTyped.ts";

/** A copy that goes back to its snapshot. */
export interface RollBack {
  readonly mirror: string;
  /** When the snapshot was made, seconds since 1970: roll-back.sh takes no other. */
  readonly made: number;
}

export interface RollBackWords {
  readonly volume: string;
  readonly mirror: string;
  /** What the operator typed. */
  readonly confirmed?: string | undefined;
}

/** Words with which an operator gives up what a synchronisation that did not end has brought. */
export function rollBackPhrase(volume: string, mirror: string, since: string): string {
  return `roll ${volume} on ${mirror} back to ${since}`;
}

/**
 * Whether a mirror's copy of a volume, in which a synchronisation has not ended, goes back to what it was before. It
 * gives up nothing that a client was told is done: that is on the other mirror, if it comes back. Serving the old state
 * is another decision (`failover`), with words of its own.
 * @throws saying why it may not be done
 */
export function decideRollBack(
  inventory: Inventory,
  seen: Observation,
  { volume, mirror, confirmed }: RollBackWords,
): RollBack {
  const view = viewOf(seen, mirror, volume);
  if ("unreachable" in view) throw new Error(`${mirror} cannot be asked: ${view.unreachable}`);
  const other = otherMirror(inventory, mirror).name;
  const { role, disk, connection, snapshot } = view;
  const seenThere = `${connection}, ${role}, ${disk}`;
  if (role === "Primary" || !isParted(connection))
    throw new Error(
      `volume ${volume}: ${mirror} is not cut off from ${other} (${seenThere}): what is missing there is copied from ` +
        "it",
    );
  if (!["Inconsistent", "Diskless", "Unconfigured"].includes(disk))
    throw new Error(
      `volume ${volume}: the copy of ${mirror} is ${disk}: it is whole, of whatever time, and there is nothing to ` +
        "roll back",
    );
  const theirs = viewOf(seen, other, volume);
  if ("disk" in theirs && ["UpToDate", "Consistent", "Outdated"].includes(theirs.disk))
    throw new Error(
      `volume ${volume}: ${other} answers, and its disk is ${theirs.disk}: it has everything that is missing on ` +
        `${mirror}. Bring them together: kvm-mirror recover ${volume}`,
    );
  if ("disk" in theirs)
    throw new Error(
      `volume ${volume}: ${other} answers, without a good copy (${theirs.disk}). DRBD 8.4 calls an old copy that ` +
        `meets a mirror without a disk UpToDate: shut ${other} down first (sudo poweroff there), then repeat`,
    );
  const made = keptSince(view);
  if (made === undefined)
    throw new Error(
      `volume ${volume}: ${mirror} keeps no copy from before its synchronisation` +
        `${snapshot?.useless == null ? "" : ` (${snapshot.useless})`}. ${bringBack(inventory, other)}, or restore a ` +
        "backup",
    );
  const phrase = rollBackPhrase(volume, mirror, timeOf(made));
  if (confirmed === phrase) return { mirror, made };
  throw new Error(
    `volume ${volume}: the copy of ${mirror} is a mixture, because a synchronisation has not ended. It keeps what it ` +
      `had before that began, at ${timeOf(made)}: the state of when it had lost ${other} before. ` +
      `${bringBack(inventory, other)}: it has everything. Only if ${other} never comes back, and that old ` +
      `state is better than none: --confirm "${phrase}"` +
      `${youTyped(confirmed)}. ` +
      "Then kvm-mirror failover says what serving it means",
  );
}

type View = MirrorState["volumes"][number];

function viewOf(seen: Observation, mirror: string, volume: string): View | { readonly unreachable: string } {
  const found = seen.mirrors.get(mirror);
  if (!found || !("state" in found)) return { unreachable: found?.unreachable ?? "it was not" };
  const view = found.state.volumes.find(({ name }) => name === volume);
  return view ?? { unreachable: `volume ${volume} is not configured there` };
}
