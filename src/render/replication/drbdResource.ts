import { backingOf } from "../../plan/backing/backing.ts";
import type { MirrorPlan } from "../../plan/machines/mirrors.ts";
import type { VolumePlan } from "../../plan/replication/volumes.ts";
import type { FailoverPlan } from "../../plan/placement/failover.ts";
import { drbdFencing } from "./drbdFencing.ts";
import { drbdName } from "./drbdWords.ts";
import { block, type Lines, text } from "../indent.ts";
import { drbdString, word } from "../quoting.ts";

/**
 * `/etc/drbd.d/<volume>.res`, the same on both mirrors. The usual configuration
 * of a pair, and what keeps data safe whatever common settings
 * a mirror has (drbd.conf(5) of 8.4):
 * - protocol C: a write is acknowledged when both mirrors have it.
 * - on-io-error detach: a failing disk is dropped and the volume served from the
 *   peer; nbd-server ignores errors of fsync, so none may reach it.
 * - on-no-data-accessible suspend-io: where neither the own disk nor the peer's can be had,
 *   reads and writes wait, unanswered, instead of failing (its default,
 * io-error). The kernel goes on by itself when the connection to the peer's same data
 * comes back, or the disk is attached again (drbd_state.c, susp_nod).
 * - after-sb-…, rr-conflict disconnect: after a split brain nothing is thrown away
 *   by a program; the mirrors stay apart until somebody decides.
 * - allow-two-primaries no: two writers on one volume need a cluster file system.
 * - verify-alg: without it `drbdadm verify`, which compares the copies,
 *   does not run; sha1 is there already for cram-hmac-alg.
 * - c-max-rate as resync-rate: its default of 100 MiB/s would cap whatever resync-rate says.
 *
 * @param sharedSecret the peers prove that they know it; DRBD holds 63 characters
 */
export function renderDrbdResource(
  volume: VolumePlan,
  mirrors: readonly MirrorPlan[],
  sharedSecret: string,
  failover: FailoverPlan = { mode: "manual" },
): string {
  const fencing = drbdFencing(failover);
  const { resyncRate, wfcTimeout, degrWfcTimeout, protocol } = volume.replication;
  if (sharedSecret.length > 63) throw new Error(`volume ${volume.name}: DRBD's shared-secret holds 63 characters`);
  return text(
    block(`resource ${drbdName(word(volume.name, "volume"))}`, [
      ...block("options", ["on-no-data-accessible suspend-io;"]),
      ...block("startup", [`wfc-timeout ${wfcTimeout};`, `degr-wfc-timeout ${degrWfcTimeout};`]),
      ...block("net", [
        `protocol ${protocol};`,
        "cram-hmac-alg sha1;",
        `shared-secret ${drbdString(sharedSecret)};`,
        "verify-alg sha1;",
        "allow-two-primaries no;",
        "after-sb-0pri disconnect;",
        "after-sb-1pri disconnect;",
        "after-sb-2pri disconnect;",
        "rr-conflict disconnect;",
        ...fencing.net,
      ]),
      ...block("disk", [
        "on-io-error detach;",
        `resync-rate ${word(resyncRate, "rate")};`,
        `c-max-rate ${word(resyncRate, "rate")};`,
        ...fencing.disk,
      ]),
      ...block("handlers", [...fencing.handlers, ...snapshots(volume, mirrors)]),
      ...mirrors.flatMap((mirror) => onMirror(volume, mirror)),
    ]),
  );
}

/** A copy that is about to be overwritten is kept; both mirrors have the same below a volume. */
function snapshots(volume: VolumePlan, [mirror]: readonly MirrorPlan[]): Lines {
  const backing = mirror && backingOf(mirror, volume.name);
  if (backing?.kind !== "lvm" || backing.snapshotRoom === undefined) return [];
  return [
    `before-resync-target "/usr/local/lib/kvm-mirror/snapshot-before-sync.sh ${backing.snapshotRoom}";`,
    'after-resync-target "/usr/local/lib/kvm-mirror/snapshot-after-sync.sh";',
  ];
}

function onMirror(volume: VolumePlan, mirror: MirrorPlan): Lines {
  return block(`on ${drbdName(word(mirror.name, "mirror"))}`, [
    `device ${word(volume.device, "device")};`,
    `disk ${word(backingOf(mirror, volume.name).device, "disk")};`,
    `address ${word(mirror.replicationAddress, "address")}:${volume.port};`,
    "meta-disk internal;",
  ]);
}
