import { z } from "zod";
import { networkRoles } from "./machines/networks.ts";
import { makeSecret } from "./secret.ts";
import { about, blocks, namedBlocks, settings } from "./stackKeys.ts";

type Json = Readonly<Record<string, unknown>>;

/**
 * The JSON Schema of a stack file, from the schemas that check it: an editor completes and explains keys by it, and
 * marks what is misspelt (`# yaml-language-server: $schema=…`). It knows single values only: what has to hold between
 * keys, and what text such as a size has to look like, `pulumi preview` says.
 */
export function renderStackSchema(): string {
  const keys: Readonly<Record<string, Json>> = {
    ...mapValues(settings, (schema) => asTyped(jsonSchema(schema))),
    secret: secretOnFile,
    ...mapValues(blocks, (schema, name) => ({ description: about[name], ...onFile(jsonSchema(schema)) })),
    ...mapValues(namedBlocks, (schema, name) => ({ description: about[name], ...byName(schema) })),
    networks: { description: about.networks, ...threeNetworks },
  };
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Stack file of kvm-mirror",
    type: "object",
    properties: {
      config: {
        type: "object",
        properties: Object.fromEntries(Object.entries(keys).map(([name, below]) => [`kvm-mirror:${name}`, below])),
        // Other namespaces are Pulumi's and its providers'.
        patternProperties: { "^(?!kvm-mirror:)": {} },
        additionalProperties: false,
      },
    },
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

/** What the stack file may have in a place, as JSON Schema. */
export function jsonSchema(schema: z.ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    override({ jsonSchema: found }) {
      // Ours, for messages about keys of older stack files.
      delete (found as Record<string, unknown>)["formerly"];
    },
  });
  return rest;
}

const byName = (schema: z.ZodType): Json => ({ type: "object", additionalProperties: jsonSchema(schema) });

const threeNetworks: Json = {
  type: "object",
  properties: Object.fromEntries(networkRoles.map((name) => [name, jsonSchema(namedBlocks.networks)])),
  required: networkRoles,
  additionalProperties: false,
};

/** In the file a secret is never as it was typed. */
const sealed = (description: unknown): Json => ({
  description,
  type: "object",
  properties: { secure: { type: "string" } },
  required: ["secure"],
  additionalProperties: false,
});
const secretOnFile = sealed(`made with: ${makeSecret}`);

/** A schema with every secret below it as it is in the file. */
function onFile(schema: Json): Json {
  if (schema["encrypted"] === true) return sealed(schema["description"]);
  const below = schema["properties"] as Readonly<Record<string, Json>> | undefined;
  return below ? { ...schema, properties: mapJson(below, onFile) } : schema;
}

const mapJson = (schemas: Readonly<Record<string, Json>>, form: (schema: Json) => Json): Json =>
  Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, form(schema)]));

/** `pulumi config set` writes numbers and truth values as text. */
function asTyped(schema: Json): Json {
  const { default: value, description, ...form } = schema;
  const text =
    form["type"] === "boolean" ? "^(true|false)$" : form["type"] === "integer" ? "^(0|[1-9][0-9]*)$" : undefined;
  return text === undefined
    ? schema
    : { description, default: value, anyOf: [form, { type: "string", pattern: text }] };
}

function mapValues<Name extends string>(
  schemas: Readonly<Record<Name, z.ZodType>>,
  form: (schema: z.ZodType, name: Name) => Json,
): Readonly<Record<string, Json>> {
  return Object.fromEntries(
    (Object.entries(schemas) as [Name, z.ZodType][]).map(([name, schema]) => [name, form(schema, name)]),
  );
}
