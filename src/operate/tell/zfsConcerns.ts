import type { MirrorState } from "../observe/states.ts";

const page = "docs/runbooks/replace-a-mirror.md#a-zfs-pool";

/**
 * What somebody has set in a mirror's ZFS pool, and what ZFS found out about the disk below it. Its peer has another
 * disk, and the same data.
 */
export function zfsConcerns(state: MirrorState): readonly string[] {
  return [...unsafeConcerns(state), ...diskConcerns(state)];
}

/** Nothing of this program sets that; `up` refuses it, but does not look when nothing changes. */
function unsafeConcerns({ mirror, pool }: MirrorState): readonly string[] {
  const unsafe = pool?.unsafe ?? [];
  if (unsafe.length === 0) return [];
  return [
    `${mirror}: sync=disabled is set on ${unsafe.join(" and ")}: ZFS acknowledges there what no disk has, and a ` +
      `power cut loses it. There: sudo zfs set sync=standard ${unsafe.join(" ")}`,
  ];
}

function diskConcerns({ mirror, pool }: MirrorState): readonly string[] {
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
