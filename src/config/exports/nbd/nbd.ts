import { z } from "zod";
import type { ExportKeys } from "../exportKeys.ts";

const exportName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, {
    error: "is no name for an NBD export; use letters, digits, dots, hyphens and underscores, at most 64",
  })
  .refine((name) => name.toLowerCase() !== "generic", {
    error: "is a section of nbd-server's own; choose another name",
  });

/** NBD: a client asks for an export by its name. */
export const nbd = {
  title: "NBD",
  about: "is faster",
  schema: z.strictObject({ name: exportName.optional().describe("export name. Default: the volume's name") }),
  example: "`nbd: {}`",
  port: 10809,
} satisfies ExportKeys;
