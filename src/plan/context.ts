import type { Config } from "../config/config.ts";
import type { Keys } from "./secrets.ts";

/** What every part of the plan is made from. */
export interface Context {
  readonly config: Config;
  readonly stack: string;
  /** `<project>/<stack>`. */
  readonly owner: string;
  readonly keys: Keys;
}

/** A named block of the configuration; that it exists is what the configuration's rules have checked. */
export function named<Value>(blocks: Readonly<Record<string, Value>>, name: string): Value {
  const block = blocks[name];
  if (block === undefined) throw new Error(`the configuration names ${name}, which it does not have`);
  return block;
}
