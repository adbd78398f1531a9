import { randomBytes } from "node:crypto";
import { secretOfStack } from "../../config/secret.ts";

/** A secret for a stack: 256 bits, and bound to the stack's name. */
export const newSecret = (): string => `${secretOfStack}${randomBytes(32).toString("hex")}`;
