/** What changed between the inputs in the state and those of the program. */
import { covers, formatPath, parsePath } from "./propertyPath.ts";
import type { Path, Step } from "./propertyPath.ts";
import { flagged } from "./schema.ts";
import type { Schema } from "./schema.ts";
import { isObject } from "./wire.ts";
import type { Plain, PlainObject } from "./wire.ts";

export interface Change {
  readonly path: Path;
  readonly kind: "add" | "delete" | "update";
  /** The property cannot change in place. */
  readonly replace: boolean;
}

/**
 * The leaves that differ. An unknown new value counts as different: the
 * preview promises no less than the update will do.
 */
export function changesBetween(
  olds: PlainObject,
  news: PlainObject,
  schema: Schema,
  ignored: readonly string[] = [],
): Change[] {
  const patterns = ignored.map(parsePath);
  return differences(olds, news, [])
    .filter(({ path }) => !patterns.some((pattern) => covers(pattern, path)))
    .map((difference) => ({ ...difference, replace: flagged(schema, difference.path, "replace") }));
}

type Difference = Omit<Change, "replace">;

function differences(old: Plain | undefined, now: Plain | undefined, path: Path): Difference[] {
  if (old === undefined && now === undefined) return [];
  if (old === undefined) return [{ path, kind: "add" }];
  if (now === undefined) return [{ path, kind: "delete" }];
  if (Array.isArray(old) && Array.isArray(now)) {
    const indexes = Array.from({ length: Math.max(old.length, now.length) }, (_, i) => i);
    return indexes.flatMap((i) => differences(old[i], now[i], [...path, i]));
  }
  if (isObject(old) && isObject(now)) {
    const keys: Step[] = [...new Set([...Object.keys(old), ...Object.keys(now)])];
    return keys.flatMap((key) => differences(old[key], now[key], [...path, key]));
  }
  return old === now ? [] : [{ path, kind: "update" }];
}

/** The names of the top-level properties among the changes, each once. */
export function topLevel(changes: readonly Change[]): string[] {
  return [...new Set(changes.map(({ path }) => formatPath(path.slice(0, 1))))];
}
