import { z } from "zod";
import type { ExportEntry } from "./exportEntry.ts";

const shape = { name: z.string() };

export const nbd: ExportEntry<"nbd", typeof shape> = {
  shape,
  tell: ({ nbd: planned }) => planned && { name: planned.name },
  diskSource: ({ port, name }) => ({ protocol: "nbd", port, sourceName: name }),
};
