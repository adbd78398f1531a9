import type { Volume } from "../../config/replication/volumes.ts";
import { type Context, named } from "../context.ts";
import { groupName } from "../placement/groups.ts";
import { iscsiNames } from "../exports/iscsi.ts";
import type { AdmissionPlan, IscsiExportPlan, NbdExportPlan } from "../exports/exports.ts";

export interface PreloadPlan {
  /** https URL, or absolute path on the mirror that has the first synchronisation. */
  readonly source: string;
  readonly checksum: string;
  readonly format: "qcow2" | "raw";
}

/** DRBD's settings, named and measured as in drbd.conf(5). */
export interface ReplicationPlan {
  readonly protocol: "C";
  /** KiB/s or with unit, for example `100M`. */
  readonly resyncRate: string;
  /** Seconds. */
  readonly wfcTimeout: number;
  /** Seconds. */
  readonly degrWfcTimeout: number;
  /** Whether `up` waits for the first sync to end. */
  readonly waitForFirstSync: boolean;
  /** Seconds that `up` waits for it at the most. */
  readonly firstSyncDeadline: number;
}

export interface VolumePlan {
  /** Name of the DRBD resource. */
  readonly name: string;
  /** Usable bytes of the replicated device. */
  readonly bytes: number;
  readonly group: string;
  readonly minor: number;
  /** `/dev/drbd<minor>`. */
  readonly device: string;
  /** TCP port of DRBD, 7788 + minor. */
  readonly port: number;
  /** Counted from 1: each has one first synchronisation. */
  readonly generation: number;
  readonly replication: ReplicationPlan;
  readonly preload?: PreloadPlan;
  readonly nbd?: NbdExportPlan;
  readonly iscsi?: IscsiExportPlan;
  readonly admissions: readonly AdmissionPlan[];
}

/** DRBD's port of minor 0. */
const firstPort = 7788;

export function planVolumes(context: Context): readonly VolumePlan[] {
  return Object.entries(context.config.volumes).map(([name, volume]) => planVolume(context, name, volume));
}

function planVolume(context: Context, name: string, volume: Volume): VolumePlan {
  const { minor = 0, replication, preload } = volume;
  const { protocol, resyncRate, wfcTimeout, degrWfcTimeout, waitForFirstSync, firstSyncDeadline } = replication;
  return {
    name,
    bytes: volume.size,
    group: groupName(context.config, name),
    minor,
    device: `/dev/drbd${minor}`,
    port: firstPort + minor,
    generation: volume.generation,
    replication: { protocol, resyncRate, wfcTimeout, degrWfcTimeout, waitForFirstSync, firstSyncDeadline },
    ...(preload ? { preload: { source: preload.source, checksum: preload.checksum, format: preload.format } } : {}),
    ...planExports(context, name, volume),
    admissions: planAdmissions(context, name),
  };
}

function planExports(
  { config }: Context,
  name: string,
  volume: Volume,
): { readonly nbd?: NbdExportPlan; readonly iscsi?: IscsiExportPlan } {
  const group = named(config.groups, groupName(config, name));
  const { nbd, iscsi } = volume.exports ?? {};
  return {
    ...(nbd ? { nbd: { name: nbd.name ?? name, port: group.nbdPort } } : {}),
    ...(iscsi
      ? { iscsi: { iqn: iscsi.iqn, lun: iscsi.lun, port: group.iscsiPort, ...iscsiNames(iscsi.iqn, iscsi.lun) } }
      : {}),
  };
}

/**
 * The active host of the client that has the volume attached, and nobody
 * else: a second copy of the client cannot open the disk.
 */
function planAdmissions({ config }: Context, name: string): readonly AdmissionPlan[] {
  return Object.entries(config.clients).flatMap(([client, { active, disks }]) =>
    disks
      .filter((disk) => disk.volume === name)
      .map(({ protocol }) => ({ client, protocol, address: named(config.hosts, active).storageAddress })),
  );
}
