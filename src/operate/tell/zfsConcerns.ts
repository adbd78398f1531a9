import type { MirrorState } from "../observe/states.ts";

const page = "docs/runbooks/replace-a-mirror.md#a-zfs-pool";

/** What ZFS found out about the disk on which a mirror's zvols lie. Its peer has another disk, and the same data. */
export function zfsConcerns({ mirror, pool }: MirrorState): readonly string[] {
  if (pool == null) return [];
  const { state, errors, faults } = pool;
  if (state === "missing")
    return [
      `${mirror}: its ZFS pool is not there, and no copy of a volume with backing zvol: ${page} (there: systemctl ` +
        "status kvm-mirror-zfs)",
    ];
  if (state === "silent") return [`${mirror}: ZFS does not answer there: its disk hangs; docs/runbooks/slow-writes.md`];
  if (errors !== null && errors > 0)
    return [
      `${mirror}: ZFS found ${errors} damaged ${errors === 1 ? "block" : "blocks"}, which cannot be read as written: ` +
        "copies of volumes there are damaged, those of the other mirror are not. Make them anew before that one " +
        `fails: ${page}`,
    ];
  if (state !== "ONLINE") return [`${mirror}: its ZFS pool is ${state}: its disk fails; ${page}`];
  return faults !== null && faults > 0
    ? [`${mirror}: its ZFS disk gave ${faults} wrong answers, which ZFS has mended: the disk fails; ${page}`]
    : [];
}
