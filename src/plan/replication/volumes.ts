import type { BackingKind } from "../../config/backing/backing.ts";
import type { Config } from "../../config/config.ts";
import type { Volume } from "../../config/replication/volumes.ts";
import { type Context, named } from "../context.ts";
import { groupName } from "../placement/groups.ts";
import { type AdmissionPlan, planExports, planPorts } from "../exports/exports.ts";
import type { ExportPlans } from "../exports/protocols.ts";

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
  readonly backing: BackingKind;
  readonly replication: ReplicationPlan;
  readonly preload?: PreloadPlan;
  /** By protocol; empty: no client reaches it. */
  readonly exports: ExportPlans;
  readonly admissions: readonly AdmissionPlan[];
}

/** DRBD's port of minor 0, and of the largest one. */
export const [firstPort, lastPort] = [7788, 7788 + 255] as const;

export function planVolumes(context: Context): readonly VolumePlan[] {
  return Object.entries(context.config.volumes).map(([name, volume]) => planVolume(context, name, volume));
}

function planVolume({ config }: Context, name: string, volume: Volume): VolumePlan {
  const group = named(config.groups, groupName(config, name));
  const { minor = 0, replication, preload } = volume;
  const { protocol, resyncRate, wfcTimeout, degrWfcTimeout, waitForFirstSync, firstSyncDeadline } = replication;
  return {
    name,
    bytes: volume.size,
    group: groupName(config, name),
    minor,
    device: `/dev/drbd${minor}`,
    port: firstPort + minor,
    generation: volume.generation,
    backing: volume.backing,
    replication: { protocol, resyncRate, wfcTimeout, degrWfcTimeout, waitForFirstSync, firstSyncDeadline },
    ...(preload ? { preload: { source: preload.source, checksum: preload.checksum, format: preload.format } } : {}),
    exports: planExports(volume.exports, name, planPorts(group)),
    admissions: planAdmissions(config, name),
  };
}

/**
 * The active host of the client that has the volume attached, and nobody
 * else: a second copy of the client cannot open the disk.
 */
function planAdmissions(config: Config, name: string): readonly AdmissionPlan[] {
  return Object.entries(config.clients).flatMap(([client, { active, disks }]) =>
    disks
      .filter((disk) => disk.volume === name)
      .map(({ protocol }) => ({ client, protocol, address: named(config.hosts, active).storageAddress })),
  );
}
