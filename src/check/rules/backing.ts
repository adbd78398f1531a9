import { keyPath, type Problem } from "../../config/problem.ts";
import { formatSize, MiB } from "../../config/sizes.ts";
import { diskFor, extent, logicalVolumeBytes, roomOf } from "../../plan/backing/lvm.ts";
import { entries, unknownName } from "./entries.ts";
import type { ConfigDraft } from "./rule.ts";

const onLvm = ({ volumes }: ConfigDraft) => entries(volumes).filter(([, { backing }]) => backing === "lvm");

export function* lvmDeclared(draft: ConfigDraft): Generator<Problem> {
  if (draft.backing.lvm !== undefined || draft.backing.wrong?.includes("lvm")) return;
  for (const [name] of onLvm(draft))
    yield {
      key: keyPath("volumes", name, "backing"),
      value: "lvm",
      text: "needs an LVM disk on each mirror; give its size, as in `kvm-mirror:backing: { lvm: { size: 500GiB } }`",
    };
}

/** lvm(8), "VALID NAMES": what LVM itself calls its logical volumes. */
const reserved = new RegExp(
  "^(snapshot|pvmove)|_(cdata|cmeta|corig|cpool|cvol|imeta|iorig|mimage|mlog|pmspare|rimage|rmeta|tdata|tmeta|" +
    "vdata|vorigin|wcorig)",
);

export function* lvmNames(draft: ConfigDraft): Generator<Problem> {
  for (const [name] of onLvm(draft)) {
    const [found] = reserved.exec(name) ?? [];
    if (found !== undefined)
      yield {
        key: keyPath("volumes", name),
        text: `has a name that LVM keeps for itself (${found}), as its logical volume would have it; choose another`,
      };
  }
}

export function* lvmThick(draft: ConfigDraft): Generator<Problem> {
  for (const [name, { provisioning }] of onLvm(draft))
    if (provisioning === "thin")
      yield {
        key: keyPath("volumes", name, "provisioning"),
        value: provisioning,
        text:
          "is not for a volume with backing lvm: its logical volume is thick, there are no thin pools (a full one " +
          "fails both copies at once); leave it out. The LVM disk may be thin in the KVM host's pool: " +
          "kvm-mirror:backing.lvm.provisioning",
      };
}

export function* lvmNewDisks({ backing, mirrors }: ConfigDraft): Generator<Problem> {
  for (const mirror of Object.keys(backing.lvm?.newDisks ?? {}))
    yield* unknownName("mirror", mirror, mirrors, keyPath("backing", "lvm", "newDisks"));
}

/** What DRBD and LVM need beside the volumes is known to the byte: the sum is right before anything is touched. */
export function* lvmFits(draft: ConfigDraft): Generator<Problem> {
  const { lvm } = draft.backing;
  if (lvm === undefined) return;
  const needed = onLvm(draft).map(([, { size, disk }]) =>
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

export function* lvmDiskStays(draft: ConfigDraft): Generator<Problem> {
  const [first] = onLvm(draft).filter(([, { leaves }]) => leaves !== true);
  if (draft.backing.lvm?.leaves === true && first !== undefined)
    yield {
      key: keyPath("backing", "lvm", "leaves"),
      value: true,
      text: `is for LVM disks whose volumes have left, and volume ${first[0]} lies on them; take it away`,
    };
}
