import { z } from "zod";

export const packagesSchema = z.strictObject({
  aptProxy: z
    .string()
    .regex(/^https?:\/\/[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?\/?$/, { error: "is no proxy; write http://host:port" })
    .optional()
    .describe(
      "HTTP proxy through which guests reach package repositories; mirrors " +
        "that run follow at the next `up`. Default: none",
    ),
});

/** Where guests get packages. */
export type Packages = z.output<typeof packagesSchema>;
