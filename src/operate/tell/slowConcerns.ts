import type { InventoryVolume } from "../../inventory/inventory.ts";
import type { MirrorState } from "../observe/states.ts";
import { isStuck, type WriteTimes } from "../observe/stuckWrites.ts";
import { type DiskTimes, findSlowWrites, type SlowWrites, waitOf } from "./slowWrites.ts";

const page = "docs/runbooks/slow-writes.md";

/**
 * A volume whose clients wait long for writes, with what is to blame and the way out. DRBD itself does nothing while a
 * peer answers, however late.
 * @param mirrors names of both
 */
export function slowConcerns(
  { name }: InventoryVolume,
  mirrors: readonly string[],
  states: readonly MirrorState[],
): readonly string[] {
  const found = findSlowWrites(name, mirrors, states);
  if (!found) return [];
  const { times } = found;
  const what = isStuck(times) ? `clients have waited for ${times.stuck} s` : `a write takes ${words(times)}`;
  return [`volume ${name}: ${what}${reason(name, found)}`];
}

/** Whose service does not look, so that slow writes stay unseen. */
export function unwatchedWrites({ mirror, writesWatched }: MirrorState): readonly string[] {
  return writesWatched === false
    ? [
        `${mirror}: nobody looks how long writes take there, so slow ones stay unseen. There: sudo systemctl restart ` +
          "kvm-mirror-watch-writes; why: journalctl -u kvm-mirror-watch-writes",
      ]
    : [];
}

/** How long a write takes; of those that are stuck, for how long. */
function words(times: WriteTimes): string {
  const wait = waitOf(times);
  if (wait >= 10_000) return `${Math.round(wait / 1000)} s`;
  return `${wait < 10 ? wait.toFixed(1) : Math.round(wait)} ms`;
}

const diskWords = ({ mirror, times }: DiskTimes): string =>
  isStuck(times)
    ? `that of ${mirror} has finished none for ${words(times)}`
    : `that of ${mirror} takes ${words(times)}`;
const beside = (disks: readonly DiskTimes[]): string =>
  disks.length === 0 ? "" : ` (${disks.map(diskWords).join(", ")})`;

function reason(name: string, slow: SlowWrites): string {
  const { primary, cause } = slow;
  switch (cause.kind) {
    case "busy":
      return cause.compared
        ? `, while the copies of ${cause.volume} are compared (drbdadm verify): that takes its share of disks and ` +
            "network, and ends by itself. kvm-mirror:verify sets when it runs"
        : `, while ${cause.volume} is synchronised: that takes its share of disks and network, and ends by itself. ` +
            `To leave clients more, lower replication.resyncRate of ${cause.volume} in the stack file: pulumi up`;
    case "disks": {
      const [disk, ...more] = cause.disks;
      if (disk === undefined || more.length > 0)
        return `: both data disks are slow${beside(cause.disks)}. See what else uses them on both KVM hosts (${page})`;
      const which = disk.mirror === primary ? "the primary" : "the standby";
      const slowness = isStuck(disk.times)
        ? `has finished none for ${words(disk.times)}`
        : `takes ${words(disk.times)}`;
      const way = disk.mirror === primary ? primaryWay(name, slow, disk) : standbyWay(name, slow, "that disk");
      return `: the data disk of ${disk.mirror}, ${which}, ${slowness}. ${way}`;
    }
    case "network":
      return (
        `, and no data disk is to blame${beside(cause.disks)}: it is the replication network; kvm-mirror check tries ` +
        `it. ${standbyWay(name, slow, "the network")}`
      );
    case "unknown":
      return (
        `: it is the data disk of ${cause.silent.join(" or ")}, which does not say how long its writes take, or the ` +
        `replication network${beside(cause.disks)}. ` +
        standbyWay(name, slow, "it")
      );
  }
}

/** The choice is the operator's: DRBD has no setting that makes it. */
function standbyWay(name: string, { primary, standby, couldGoOn }: SlowWrites, broken: string): string {
  return couldGoOn
    ? `Mend ${broken}. Until then, choose: slow clients and two copies (leave it so), or fast clients and one copy ` +
        `(on ${standby}: sudo drbdadm disconnect ${name}); ${page}`
    : `Mend ${broken}. Do not disconnect ${standby}: ${primary} has no good copy of its own (${page})`;
}

/** A switch ends the writes that are under way first; on a disk that hangs they have no end. */
function primaryWay(name: string, { primary, standby, couldSwitch }: SlowWrites, { times }: DiskTimes): string {
  if (standby === undefined || !couldSwitch) return `Mend that disk: no other mirror can serve ${name} now (${page})`;
  return isStuck(times)
    ? `No switch gets past that. ${standby} has every write that was answered: turn ${primary} off (on its KVM host: ` +
        `virsh destroy ${primary}), then kvm-mirror failover all; a cluster does both by itself after ` +
        `failover.diskTimeout (${page})`
    : `Have ${standby} serve: kvm-mirror switch ${name} --to ${standby}. Then mend that disk (${page})`;
}
