import type { Rule } from "../config.ts";

/** All rules between keys, in the order of their messages. */
export const rules: readonly Rule[] = [];
