import { keyPath, type Problem } from "../../../config/problem.ts";
import { formatSize, MiB } from "../../../config/sizes.ts";
import { diskFor, extent, logicalVolumeBytes, roomOf } from "../../../plan/backing/lvm.ts";
import type { ConfigDraft } from "../rule.ts";
import { lyingOn } from "./shared.ts";

/** lvm(8), "VALID NAMES": what LVM itself calls its logical volumes. */
const reserved = new RegExp(
  "^(snapshot|pvmove)|_(cdata|cmeta|corig|cpool|cvol|imeta|iorig|mimage|mlog|pmspare|rimage|rmeta|tdata|tmeta|" +
    "vdata|vorigin|wcorig)",
);

export function* lvmNames(draft: ConfigDraft): Generator<Problem> {
  for (const [name] of lyingOn("lvm", draft)) {
    const [found] = reserved.exec(name) ?? [];
    if (found !== undefined)
      yield {
        key: keyPath("volumes", name),
        text: `has a name that LVM keeps for itself (${found}), as its logical volume would have it; choose another`,
      };
  }
}

/** What DRBD and LVM need beside the volumes is known to the byte: the sum is right before anything is touched. */
export function* lvmFits(draft: ConfigDraft): Generator<Problem> {
  const { lvm } = draft.backing;
  if (lvm === undefined) return;
  const needed = lyingOn("lvm", draft).map(([, { size, disk }]) =>
    size === undefined ? undefined : logicalVolumeBytes({ size, disk }),
  );
  if (needed.includes(undefined)) return;
  const volumes = needed.reduce<number>((total, bytes = 0) => total + bytes, 0);
  const snapshots = Math.ceil((lvm.snapshotRoom ?? 0) / extent) * extent;
  const sum = volumes + snapshots;
  const room = roomOf(lvm.size);
  if (sum <= room) return;
  const kept = snapshots === 0 ? "" : `, with ${formatSize(snapshots)} for snapshots (snapshotRoom)`;
  yield {
    key: keyPath("backing", "lvm", "size"),
    value: formatSize(lvm.size),
    text:
      `is too small: it has room for ${formatSize(room)} of logical volumes, and the ${needed.length} with backing ` +
      `lvm need ${formatSize(sum)}${kept}, each with DRBD's metadata and in whole ${formatSize(extent)}; write at ` +
      `least ${formatSize(Math.ceil(diskFor(sum) / MiB) * MiB)}, or make volumes smaller that are not made yet`,
  };
}

export function* lvmSnapshots({ backing, failover }: ConfigDraft): Generator<Problem> {
  const room = backing.lvm?.snapshotRoom;
  if (room !== undefined && failover.mode === "automatic")
    yield {
      key: keyPath("backing", "lvm", "snapshotRoom"),
      value: formatSize(room),
      text:
        "is for manual failover: a cluster promotes no copy that was rolled back to its snapshot, so none is taken; " +
        "leave it out",
    };
}
