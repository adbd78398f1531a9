import { z } from "zod";

export const makeSecret = `pulumi config set --secret kvm-mirror:secret "$(openssl rand -hex 32)"`;
/** Characters; 32 hexadecimal digits are 128 bits. */
const shortest = 32;

export const secretSchema = z
  .string({
    error: ({ input }) =>
      input === undefined
        ? `is missing; every secret of the stack is derived from it. Make it with: ${makeSecret}`
        : `is no text; make it with: ${makeSecret}`,
  })
  .refine((secret) => secret.length >= shortest, {
    error: `is shorter than ${shortest} characters; make it with: ${makeSecret}`,
  })
  .describe("the stack's one secret, of which DRBD's shared secrets and all SSH host keys are derived");
