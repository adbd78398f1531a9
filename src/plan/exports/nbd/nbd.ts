import type { Exports } from "../../../config/exports/exports.ts";
import type { Exported, ExportPlanning } from "../exportPlanning.ts";

/** A volume's export by NBD. */
export interface NbdExportPlan {
  /** What a client asks for. */
  readonly name: string;
  readonly port: number;
}

/** What a client's disk by NBD has. */
export interface NbdDiskPlan {
  readonly protocol: "nbd";
  readonly port: number;
  /** Name of the export. */
  readonly sourceName: string;
}

function planExport({ nbd: said }: Exports, { volume, port }: Exported): NbdExportPlan | undefined {
  return said && { name: said.name ?? volume, port };
}

function planDisk({ nbd: planned }: { readonly nbd?: NbdExportPlan }): NbdDiskPlan | undefined {
  return planned && { protocol: "nbd", port: planned.port, sourceName: planned.name };
}

export const nbd = { planExport, planDisk } satisfies ExportPlanning;
