import { z } from "zod";
import type { ExportEntry } from "./exportEntry.ts";

const shape = { iqn: z.string(), lun: z.number() };

export const iscsi: ExportEntry<"iscsi", typeof shape> = {
  shape,
  tell: ({ iscsi: planned }) => planned && { iqn: planned.iqn, lun: planned.lun },
  diskSource: ({ port, iqn, lun }, { initiators = {} }) => ({
    protocol: "iscsi",
    port,
    sourceName: `${iqn}/${lun}`,
    initiators,
  }),
};
