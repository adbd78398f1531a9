import type { z } from "zod";
import { explain, misspelt } from "./explain.ts";
import { keyPath, type Problem } from "../config/problem.ts";
import { schemaGuide } from "./schemaGuide.ts";
import { Mistake } from "../config/written.ts";

/**
 * What could be read of a block, so that the rules between keys can look at it even when something else in it is wrong.
 */
export type Draft<Value> = { readonly [Key in keyof Value]?: Value[Key] | undefined } & {
  /** Keys that were given, also misspelt, or had to be, and could not be read; they have their message already. */
  readonly wrong?: readonly PropertyKey[];
};

/** Whether a key was left out, not just wrong. */
export function leftOut<Block extends Draft<unknown>>(block: Block, key: Exclude<keyof Block, "wrong">): boolean {
  return block[key] === undefined && !block.wrong?.includes(key);
}

/** Reads one block, adding what is wrong with it to `problems`. */
export function readBlock<Shape extends z.core.$ZodLooseShape>(
  schema: z.ZodObject<Shape, z.core.$strict>,
  raw: unknown,
  path: readonly string[],
  problems: Problem[],
): Draft<z.output<typeof schema>> {
  const whole = schema.safeParse(raw);
  if (whole.success) return whole.data;
  problems.push(...explain(whole.error.issues, raw, path, schemaGuide(schema)));
  const nothing = { wrong: Object.keys(schema.shape) } as unknown as Draft<z.output<typeof schema>>;
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return nothing;
  const misspeltPaths = misspelt(whole.error.issues, schemaGuide(schema));
  const meant = Object.keys(schema.shape).filter((key) => misspeltPaths.has(keyPath(key)) && !Object.hasOwn(raw, key));
  const wrong = [...new Set([...whole.error.issues.flatMap((issue) => issue.path.slice(0, 1)), ...meant])];
  const sound = Object.entries(raw).filter(([key]) => !wrong.includes(key) && Object.hasOwn(schema.shape, key));
  const rest = schema.partial().safeParse(Object.fromEntries(sound));
  if (!rest.success) return nothing;
  // A default must not stand in for what was wrong.
  const read = Object.entries(rest.data).filter(([key]) => !wrong.includes(key));
  return { ...Object.fromEntries(read), wrong } as unknown as Draft<z.output<typeof schema>>;
}

/**
 * Reads blocks by name, in the order of the names: Pulumi does not keep the order of the
 * stack file. A name stays known even if nothing in its block is right.
 */
export function readBlocks<Shape extends z.core.$ZodLooseShape>(
  schema: z.ZodObject<Shape, z.core.$strict>,
  raw: unknown,
  path: readonly string[],
  checkName: (name: string, block: unknown) => void,
  problems: Problem[],
): Readonly<Record<string, Draft<z.output<typeof schema>>>> {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
    problems.push({
      key: keyPath(...path),
      value: typeof raw === "object" ? undefined : raw,
      text: "is not what belongs here; write one block of keys for each name",
    });
    return {};
  }
  return Object.fromEntries(
    Object.entries(raw)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, block]) => {
        problems.push(...nameProblems(name, path, (one) => checkName(one, block)));
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
    return [{ key: keyPath(...path, name), text: error.message }];
  }
}
