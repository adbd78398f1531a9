/** Properties of a package schema from a zod object. Objects and choices inside get types with names of their own. */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";

/** A type as a package schema has it: of a value, or by reference to one of the package's own types. */
export interface ValueSpec {
  readonly type?: "boolean" | "integer" | "number" | "string" | "array" | "object";
  readonly $ref?: string;
  readonly items?: ValueSpec;
  readonly additionalProperties?: ValueSpec;
}

export interface PropertySpec extends ValueSpec {
  readonly description?: string;
  readonly default?: boolean | number | string;
  readonly secret?: true;
  /** The provider replaces the resource when it changes. */
  readonly willReplaceOnChanges?: true;
}

/** An object, or a choice among texts. */
export interface TypeSpec {
  readonly type: "object" | "string";
  readonly description?: string;
  readonly properties?: Readonly<Record<string, PropertySpec>>;
  readonly required?: readonly string[];
  readonly enum?: readonly { readonly value: string }[];
}

/** By token, for example `libvirt:index:DomainDisk`. */
export type TypeSpecs = Readonly<Record<string, TypeSpec>>;

export interface Place {
  /** Token of the resource, or of the type, that has the properties. */
  readonly owner: string;
  /** Filled with the types that the properties need. */
  readonly types: Record<string, TypeSpec>;
}

export interface Properties {
  readonly properties: Readonly<Record<string, PropertySpec>>;
  readonly required: readonly string[];
}

/** What is read here of JSON Schema, as zod writes it; the flags are those of `.meta()`. */
interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly secret?: boolean;
  readonly replace?: boolean;
}

/** `input`: what a program must say; `output`: what is there once defaults are filled in. */
export function propertiesOf(schema: z.ZodType, io: "input" | "output", place: Place): Properties {
  const json = z.toJSONSchema(schema, { io }) as JsonSchema;
  return {
    // The types are those of the inputs both times: an SDK has one of each.
    properties: specsOf(io === "input" ? json : (z.toJSONSchema(schema, { io: "input" }) as JsonSchema), place),
    required: json.required ?? [],
  };
}

function specsOf({ properties = {} }: JsonSchema, place: Place): Record<string, PropertySpec> {
  return Object.fromEntries(Object.entries(properties).map(([key, json]) => [key, propertyOf(key, json, place)]));
}

function propertyOf(key: string, json: JsonSchema, place: Place): PropertySpec {
  const { description, secret, replace } = json;
  return {
    ...typeOf(key, json, place),
    ...(description === undefined ? {} : { description }),
    // A package schema has no defaults but plain ones; the provider fills in the others all the same.
    ...(isPlain(json.default) ? { default: json.default } : {}),
    ...(secret === true ? { secret } : {}),
    ...(replace === true ? { willReplaceOnChanges: replace } : {}),
  };
}

function typeOf(key: string, json: JsonSchema, place: Place): ValueSpec {
  const { type, items, additionalProperties } = json;
  if (json.enum !== undefined) return choice(key, json.enum, place);
  if (type === "boolean" || type === "string") return { type };
  if (type === "number" || type === "integer") return { type: isSmallInteger(json) ? "integer" : "number" };
  if (type === "array" && items !== undefined) return { type, items: typeOf(key.replace(/s$/, ""), items, place) };
  if (type === "object" && json.properties !== undefined) return object(key, json, place);
  if (type === "object" && typeof additionalProperties === "object")
    return { type, additionalProperties: typeOf(key.replace(/s$/, ""), additionalProperties, place) };
  if (type === undefined && !("anyOf" in json) && !("allOf" in json)) return { $ref: "pulumi.json#/Any" };
  throw new Error(`${place.owner}: a package schema cannot say what ${key} is: ${JSON.stringify(json)}`);
}

function object(key: string, json: JsonSchema, { owner, types }: Place): ValueSpec {
  const token = innerToken(owner, key);
  const properties = specsOf(json, { owner: token, types });
  return register(token, { type: "object", properties, required: json.required ?? [] }, types);
}

function choice(key: string, values: readonly unknown[], { owner, types }: Place): ValueSpec {
  const texts = values.filter((value) => typeof value === "string");
  if (texts.length < values.length) throw new Error(`${owner}: ${key}: only choices among texts are known here`);
  return register(innerToken(owner, key), { type: "string", enum: texts.map((value) => ({ value })) }, types);
}

function register(token: string, spec: TypeSpec, types: Record<string, TypeSpec>): ValueSpec {
  if (types[token] !== undefined && !isDeepStrictEqual(types[token], spec))
    throw new Error(`two types would be called ${token}`);
  types[token] = spec;
  return { $ref: `#/types/${token}` };
}

/** `libvirt:index:Domain`, `disk` → `libvirt:index:DomainDisk`; a module with a file keeps one. */
function innerToken(owner: string, key: string): string {
  const [provider = "", module = "", name = ""] = owner.split(":");
  const inner = `${name}${key.charAt(0).toUpperCase()}${key.slice(1)}`;
  return `${provider}:${module.includes("/") ? `${module.replace(/\/.*/, "")}/${inner}` : module}:${inner}`;
}

/** Integers of a package schema have 32 bits in some languages: one that may be larger (bytes) is a number. */
function isSmallInteger({ type, minimum = -Infinity, maximum = Infinity }: JsonSchema): boolean {
  return type === "integer" && minimum >= -(2 ** 31) && maximum < 2 ** 31;
}

function isPlain(value: unknown): value is boolean | number | string {
  return ["boolean", "number", "string"].includes(typeof value);
}
