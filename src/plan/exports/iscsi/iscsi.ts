import type { Exports } from "../../../config/exports/exports.ts";
import type { Attaching, Exported, ExportPlanning } from "../exportPlanning.ts";
import { initiatorName, iscsiNames } from "./names.ts";

/** A volume's export by iSCSI: a target with one logical unit. */
export interface IscsiExportPlan {
  readonly iqn: string;
  readonly lun: number;
  readonly port: number;
  /** What the logical unit says about itself. */
  readonly scsiId: string;
  readonly scsiSn: string;
}

/** What a client's disk by iSCSI has. */
export interface IscsiDiskPlan {
  readonly protocol: "iscsi";
  readonly port: number;
  /** `<IQN>/<LUN>`. */
  readonly sourceName: string;
  /** Initiator name by KVM host. */
  readonly initiators: Readonly<Record<string, string>>;
}

function planExport({ iscsi: said }: Exports, { port }: Exported): IscsiExportPlan | undefined {
  return said && { iqn: said.iqn, lun: said.lun, port, ...iscsiNames(said.iqn, said.lun) };
}

function planDisk(
  { iscsi: planned }: { readonly iscsi?: IscsiExportPlan },
  { client, hosts }: Attaching,
): IscsiDiskPlan | undefined {
  if (!planned) return undefined;
  const { iqn, lun, port } = planned;
  const initiators = Object.fromEntries(hosts.map((host) => [host, initiatorName(iqn, client, host)]));
  return { protocol: "iscsi", port, sourceName: `${iqn}/${lun}`, initiators };
}

export const iscsi = { planExport, planDisk } satisfies ExportPlanning;
