import type { MirrorState } from "../observe/states.ts";

type Volume = MirrorState["volumes"][number];
/** A volume as one mirror shows it. */
export type VolumeView = Volume & { readonly mirror: string };

const standStill = "its I/O is suspended: clients stand still, nothing is acknowledged";
const dangers = (mirror: string): string =>
  `Until then neither failover, nor a reboot of ${mirror}, nor \`drbdadm resume-io\` (writes that ` +
  "wait would fail, and NBD clients are not told); docs/runbooks/io-suspended.md";

/**
 * A Primary that works without its disk, or whose I/O is suspended (`on-no-data-accessible
 * suspend-io`, or while a lost peer is being fenced): what that means
 * and what to do; undefined when neither is so.
 * @param other the mirror that has the other copy
 */
export function diskConcern(view: VolumeView, other: string): string | undefined {
  const { name, mirror, role, disk, peerDisk, connection, suspended } = view;
  if (role !== "Primary") return undefined;
  const where = `volume ${name}: ${mirror} (${connection}, ${disk}/${peerDisk})`;
  if (disk === "UpToDate")
    return suspended === true
      ? `${where} writes nothing, ${standStill}. It has lost its peer and goes ` +
          "on when that is marked as outdated, or fenced"
      : undefined;
  if (suspended === true) return `${where} ${withoutData(view, other)}. ${dangers(mirror)}`;
  // A stack whose mirrors have not got the option yet.
  if (peerDisk !== "UpToDate")
    return (
      `${where} reaches no good copy, and its I/O is not suspended: writes fail, and NBD clients are told that ` +
      `they are done. Shut down every client of ${name} now; then bring ${other} or the replication network back, ` +
      `and look at their data. \`pulumi up\` has such I/O wait (on-no-data-accessible suspend-io)`
    );
  if (disk !== "Diskless") return undefined;
  return (
    `volume ${name}: ${mirror}, the primary, has lost its disk and works on the copy of ${other} ` +
    `alone: when they lose each other, every client stands still. Now: kvm-mirror switch ${name} --to ` +
    `${other}; then replace the disk (docs/runbooks/replace-a-mirror.md)`
  );
}

/** DRBD remembers of a lost peer that it went on without it. */
function withoutData({ name, mirror, peerDisk }: VolumeView, other: string): string {
  return peerDisk === "Outdated" || peerDisk === "Inconsistent"
    ? `has lost the last good copy, ${standStill}. ${other} lacks acknowledged writes: ` +
        `only the disk that ${mirror} has lost holds them. Attach it again (on ` +
        `${mirror}: sudo drbdadm attach ${name}), and what waits goes on`
    : `has no disk and does not reach ${other}, ${standStill}. Bring ${other} or the ` +
        "replication network back: they connect, and what waits goes on";
}
