/** Values that a preview does not know yet. */
import { isObject, UNKNOWN } from "./wire.ts";
import type { Plain, PlainObject } from "./wire.ts";

export function containsUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some(containsUnknown);
  return isObject(value) && Object.values(value).some(containsUnknown);
}

/** The values with `undefined` in place of what is unknown, as the kinds want to see them. */
export function withoutUnknowns(values: PlainObject): { [key: string]: unknown } {
  return forget(values) as { [key: string]: unknown };
}

function forget(value: Plain): unknown {
  if (value === UNKNOWN) return undefined;
  if (Array.isArray(value)) return value.map(forget);
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, forget(item)]));
  return value;
}

/** Outputs as a kind previews them: a key that is present with `undefined` is said to be unknown. */
export function withUnknowns(outputs: object): { [key: string]: unknown } {
  return Object.fromEntries(
    Object.entries(outputs).map(([key, value]) => [key, value === undefined ? UNKNOWN : value]),
  );
}
