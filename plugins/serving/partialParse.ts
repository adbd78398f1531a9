/**
 * Validation of values of which some are not known yet. What is known is judged by the schema as it stands; rules over
 * an object that holds an unknown value are left to the moment when it is known.
 */
import type { CheckFailure } from "./resource.ts";
import { formatPath } from "./propertyPath.ts";
import type { Path } from "./propertyPath.ts";
import { core, layers } from "./schema.ts";
import type { Schema } from "./schema.ts";
import { isObject, UNKNOWN } from "./wire.ts";
import type { Plain, PlainObject } from "./wire.ts";
import { failuresOf } from "./zodFailures.ts";
import { containsUnknown } from "./unknowns.ts";

export interface Parsed {
  /** The value with defaults filled in and unknowns in their places; what failed is left as it came. */
  readonly value: unknown;
  readonly failures: readonly CheckFailure[];
}

/** Judges `value` by `schema`; every mistake is reported, each with its property path. */
export function parsePartially(schema: Schema, value: Plain | undefined, path: Path = []): Parsed {
  if (value === UNKNOWN) return { value, failures: [] };
  if (!containsUnknown(value)) return parseKnown(schema, value, path);
  const inner = core(schema);
  const { shape, element, items, valueType, options, discriminator } = inner.def;
  if (options !== undefined) return parseUnion(options, discriminator, value, path);
  if (shape !== undefined && isObject(value)) return parseObject(inner, shape, value, path);
  if (element !== undefined && Array.isArray(value)) return parseItems(value, path, () => element);
  if (items !== undefined && Array.isArray(value)) return parseItems(value, path, (i) => items[i]);
  if (valueType !== undefined && isObject(value)) return parseEntries(value, path, () => valueType);
  if (holdsAnything(schema)) return { value, failures: [] };
  return parseKnown(schema, value, path);
}

function parseKnown(schema: Schema, value: unknown, path: Path): Parsed {
  const result = schema.safeParse(value);
  if (result.success) return { value: result.data, failures: [] };
  return { value, failures: failuresOf(result.error.issues, path, value) };
}

/** An option cannot be chosen while its discriminator is unknown: then the value passes for now. */
function parseUnion(
  options: readonly Schema[],
  discriminator: string | undefined,
  value: Plain | undefined,
  path: Path,
): Parsed {
  if (discriminator === undefined || !isObject(value)) return { value, failures: [] };
  const kind = value[discriminator];
  if (kind === UNKNOWN) return { value, failures: [] };
  const chosen = options.find((option) => core(option).def.shape?.[discriminator]?.safeParse(kind).success);
  if (chosen !== undefined) return parsePartially(chosen, value, path);
  return {
    value,
    failures: [{ property: formatPath([...path, discriminator]), reason: `unknown kind ${JSON.stringify(kind)}` }],
  };
}

function parseObject(schema: Schema, shape: Readonly<Record<string, Schema>>, value: PlainObject, path: Path): Parsed {
  const surplus = Object.keys(value).filter((key) => !(key in shape));
  const catchall = schema.def.catchall?.def.type;
  const strict = catchall === "never";
  const named = parseEntries({ ...absent(shape), ...value }, path, (key) => shape[key], shape);
  const kept = catchall === undefined ? {} : Object.fromEntries(surplus.map((key) => [key, value[key]]));
  const failures = strict
    ? failuresOf([{ code: "unrecognized_keys", keys: surplus, path: [], message: "" }], path, value)
    : [];
  return { value: { ...(named.value as object), ...(strict ? {} : kept) }, failures: [...named.failures, ...failures] };
}

function absent(shape: object): { [key: string]: undefined } {
  return Object.fromEntries(Object.keys(shape).map((key) => [key, undefined]));
}

function parseEntries(
  value: { [key: string]: Plain | undefined },
  path: Path,
  schemaOf: (key: string) => Schema | undefined,
  only?: object,
): Parsed {
  const parsed = Object.entries(value)
    .filter(([key]) => only === undefined || key in only)
    .map(([key, item]) => [key, parseMember(schemaOf(key), item, [...path, key])] as const);
  const entries = parsed.map(([key, result]) => [key, result.value] as const).filter(([, item]) => item !== undefined);
  return { value: Object.fromEntries(entries), failures: parsed.flatMap(([, result]) => result.failures) };
}

function parseItems(value: readonly Plain[], path: Path, schemaOf: (index: number) => Schema | undefined): Parsed {
  const parsed = value.map((item, i) => parseMember(schemaOf(i), item, [...path, i]));
  return { value: parsed.map((result) => result.value), failures: parsed.flatMap((result) => result.failures) };
}

function parseMember(schema: Schema | undefined, value: Plain | undefined, path: Path): Parsed {
  return schema === undefined ? { value, failures: [] } : parsePartially(schema, value, path);
}

function holdsAnything(schema: Schema): boolean {
  return layers(schema).some((layer) => ["any", "unknown", "custom"].includes(layer.def.type));
}
