/** What a zod schema says about the places of a value: which force a replacement, which are always secret. */
import type { z } from "zod";
import type { Path, Step } from "./propertyPath.ts";

/** The parts of zod's definitions that are read here (zod 4, `schema.def`). */
interface Definition {
  readonly type: string;
  readonly innerType?: Schema;
  readonly in?: Schema;
  readonly getter?: () => Schema;
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly catchall?: Schema;
  readonly element?: Schema;
  readonly items?: readonly Schema[];
  readonly rest?: Schema | null;
  readonly valueType?: Schema;
  readonly options?: readonly Schema[];
  readonly discriminator?: string;
}

export interface Schema extends z.ZodType {
  readonly def: z.ZodType["def"] & Definition;
}

/** Flags that a schema's `.meta()` may carry. */
export type Flag = "replace" | "secret";

/** The schema and those it wraps (`optional`, `default`, `readonly`, ...), outermost first. */
export function layers(schema: Schema): readonly Schema[] {
  const { innerType, in: input, getter, type } = schema.def;
  const inner = type === "pipe" ? input : type === "lazy" ? getter?.() : innerType;
  return inner === undefined ? [schema] : [schema, ...layers(inner)];
}

/** The schema without its wrapping: an object, array, union or leaf. */
export function core(schema: Schema): Schema {
  return layers(schema).at(-1) ?? schema;
}

/** The schemas of what lies one step below. */
function below(schema: Schema, step: Step): readonly Schema[] {
  const { shape, element, items, rest, valueType, options } = core(schema).def;
  if (options !== undefined) return options.flatMap((option) => below(option, step));
  if (shape !== undefined) return typeof step === "string" && shape[step] !== undefined ? [shape[step]] : [];
  if (items !== undefined) {
    const item = typeof step === "number" ? (items[step] ?? rest) : undefined;
    return item === undefined || item === null ? [] : [item];
  }
  return [element ?? valueType].filter((found) => found !== undefined);
}

/** Whether the schema sets the flag at this path or at anything that holds it. */
export function flagged(schema: Schema, path: Path, flag: Flag): boolean {
  if (layers(schema).some((layer) => layer.meta()?.[flag] === true)) return true;
  const [step, ...rest] = path;
  return step !== undefined && below(schema, step).some((inner) => flagged(inner, rest, flag));
}

/** Every path of the schema that sets the flag; `*` stands for the elements of arrays and the keys of records. */
export function flaggedPaths(schema: Schema, flag: Flag): readonly Path[] {
  if (layers(schema).some((layer) => layer.meta()?.[flag] === true)) return [[]];
  const { shape, element, items, valueType, options } = core(schema).def;
  if (options !== undefined) return options.flatMap((option) => flaggedPaths(option, flag));
  if (shape !== undefined) return Object.entries(shape).flatMap(([key, inner]) => under(key, inner, flag));
  const elements = items ?? [element ?? valueType].filter((found) => found !== undefined);
  return elements.flatMap((inner) => under("*", inner, flag));
}

function under(step: Step, schema: Schema, flag: Flag): readonly Path[] {
  return flaggedPaths(schema, flag).map((path) => [step, ...path]);
}
