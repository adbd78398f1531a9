import { z } from "zod";
import { explain } from "./explain.ts";
import { keyPath, type Problem } from "./problem.ts";
import { Mistake } from "./written.ts";

/** What could be read of a block: keys whose value was wrong are missing, so that the rules between keys can still look at the others. */
export type Draft<Value> = { readonly [Key in keyof Value]?: Value[Key] | undefined };

/** Reads one block, adding what is wrong with it to `problems`. */
export function readBlock<Shape extends z.core.$ZodLooseShape>(schema: z.ZodObject<Shape, z.core.$strict>, raw: unknown, path: readonly string[], problems: Problem[]): Draft<z.output<typeof schema>> {
  const whole = schema.safeParse(raw);
  if (whole.success) return whole.data;
  problems.push(...explain(whole.error.issues, raw, path, (below) => keysOf(schema, below)));
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return {};
  const wrong = new Set(whole.error.issues.flatMap((issue) => issue.path.slice(0, 1)));
  const sound = Object.entries(raw).filter(([key]) => !wrong.has(key) && key in schema.shape);
  const rest = schema.partial().safeParse(Object.fromEntries(sound));
  return rest.success ? (rest.data as Draft<z.output<typeof schema>>) : {};
}

/** Reads blocks by name, in the order of the names: Pulumi does not keep the order of the stack file. A name stays known even if nothing in its block is right. */
export function readBlocks<Shape extends z.core.$ZodLooseShape>(
  schema: z.ZodObject<Shape, z.core.$strict>,
  raw: unknown,
  path: readonly string[],
  checkName: (name: string) => void,
  problems: Problem[],
): Readonly<Record<string, Draft<z.output<typeof schema>>>> {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
    const text = raw === undefined ? "is missing" : "is not what belongs here; write one block of keys for each name";
    problems.push({ key: keyPath(...path), value: typeof raw === "object" ? undefined : raw, text });
    return {};
  }
  return Object.fromEntries(
    Object.entries(raw).sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, block]) => {
      problems.push(...nameProblems(name, path, checkName));
      return [name, readBlock(schema, block, [...path, name], problems)];
    }),
  );
}

function nameProblems(name: string, path: readonly string[], check: (name: string) => void): Problem[] {
  try {
    check(name);
    return [];
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    return [{ key: keyPath(...path), value: name, text: `as a name ${error.message}` }];
  }
}

/** Keys of the object at a path below a schema. */
function keysOf(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
  let current: z.core.$ZodType | undefined = unwrap(schema);
  for (const step of path) {
    if (current instanceof z.ZodObject) current = unwrap((current.shape as Record<PropertyKey, z.core.$ZodType>)[step]);
    else if (current instanceof z.ZodArray) current = unwrap(current.element as z.core.$ZodType);
  }
  return current instanceof z.ZodObject ? Object.keys(current.shape as object) : [];
}

function unwrap(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) return unwrap(schema.unwrap() as z.core.$ZodType);
  return schema;
}
