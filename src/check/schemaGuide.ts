import { z } from "zod";
import type { SchemaGuide } from "./explain.ts";

/** Keys and descriptions of what lies below a schema. */
export function schemaGuide(schema: z.core.$ZodType): SchemaGuide {
  return {
    keys: (path) => {
      const found = unwrap(below(schema, path));
      return found instanceof z.ZodObject ? Object.keys(found.shape as object) : [];
    },
    description: (path) => description(below(schema, path)),
    choices: (path) => {
      const found = unwrap(below(schema, path));
      return found instanceof z.ZodEnum ? found.options.map(String) : [];
    },
    renamed: (path, name) => {
      const found = unwrap(below(schema, path));
      if (!(found instanceof z.ZodObject)) return undefined;
      const shape = Object.entries(found.shape as Record<string, z.core.$ZodType>);
      return shape.find(([, value]) => z.globalRegistry.get(value)?.["formerly"] === name)?.[0];
    },
  };
}

function below(schema: z.core.$ZodType, path: readonly PropertyKey[]): z.core.$ZodType | undefined {
  let current: z.core.$ZodType | undefined = schema;
  for (const step of path) {
    const container = unwrap(current);
    if (container instanceof z.ZodObject) current = (container.shape as Record<PropertyKey, z.core.$ZodType>)[step];
    else if (container instanceof z.ZodArray) current = container.element as z.core.$ZodType;
    else return undefined;
  }
  return current;
}

function unwrap(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return unwrap(schema.unwrap() as z.core.$ZodType);
  return schema;
}

function description(schema: z.core.$ZodType | undefined): string | undefined {
  return schema && z.globalRegistry.get(schema)?.description;
}
