import type { Volume } from "../config/volumes.ts";
import { type Context, named } from "./context.ts";
import { groupName } from "./groups.ts";
import { iscsiNames } from "./iscsi.ts";
import type { AdmissionPlan, IscsiExportPlan, NbdExportPlan, VolumePlan } from "./plan.ts";

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
