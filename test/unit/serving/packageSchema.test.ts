/** The package schemas of our providers, against the TypeScript SDKs that this repository writes by hand. */
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { cloudinitProvider } from "../../../plugins/cloudinit/definition.ts";
import { libvirtProvider } from "../../../plugins/libvirt/definition.ts";
import { packageSchema } from "../../../plugins/serving/packageSchema.ts";
import type { PackageSchema, ResourceSpec } from "../../../plugins/serving/packageSchema.ts";
import type { PropertySpec, ValueSpec } from "../../../plugins/serving/propertySpecs.ts";
import type { ProviderDefinition } from "../../../plugins/serving/resource.ts";
import { readSdk } from "./sdkTypes.ts";
import type { Members, Shape } from "./sdkTypes.ts";

const noHosts = {
  of: () => {
    throw new Error("a schema asks no host");
  },
  close: async () => {},
} as unknown as Parameters<typeof libvirtProvider>[0];

const providers = {
  libvirt: packageSchema(libvirtProvider(noHosts)),
  cloudinit: packageSchema(cloudinitProvider),
};

/** Properties of the schema in the words of TypeScript. */
function membersOf(
  schema: PackageSchema,
  properties: Readonly<Record<string, PropertySpec>>,
  required: readonly string[],
): Members {
  return Object.fromEntries(
    Object.entries(properties).map(([key, spec]) => [
      key,
      { optional: !required.includes(key), shape: shapeOf(schema, spec), words: spec.description ?? "" },
    ]),
  );
}

function shapeOf(schema: PackageSchema, { type, $ref, items }: ValueSpec): Shape {
  if (items !== undefined) return { array: shapeOf(schema, items) };
  if ($ref === undefined) return type === "integer" ? "number" : (type ?? "any");
  const found = schema.types[$ref.replace("#/types/", "")];
  if (found === undefined) throw new Error(`no type ${$ref}`);
  if (found.enum !== undefined)
    return found.enum
      .map(({ value }) => JSON.stringify(value))
      .sort()
      .join(" | ");
  return { object: membersOf(schema, found.properties ?? {}, found.required ?? []) };
}

describe.each(Object.entries(providers))("provider %s", (name, schema) => {
  const sdk = readSdk(fileURLToPath(new URL(`../../../plugins/${name}/sdk`, import.meta.url)));
  const classes = [...sdk].filter(([className]) => className !== "Provider");

  test("has a class in the SDK for each resource", () => {
    expect(classes.map(([, { token }]) => token).sort()).toEqual(Object.keys(schema.resources).sort());
  });

  test.each(classes)("%s takes the same arguments, in the same words", (_class, { token, args, words }) => {
    const { inputProperties, requiredInputs, description } = schema.resources[token] as ResourceSpec;
    expect(membersOf(schema, inputProperties, requiredInputs)).toEqual(args);
    expect(description).toBe(words);
  });

  test.each(classes)("%s shows outputs that the state has", (_class, { token, declared, args }) => {
    const { properties, required } = schema.resources[token] as ResourceSpec;
    const members = membersOf(schema, properties, required);
    for (const [key, { shape, words }] of Object.entries(declared)) {
      // Filled-in defaults make what is in the state stricter than what a program must say.
      expect(withoutOptional(members[key]?.shape ?? "nothing"), key).toEqual(withoutOptional(shape));
      if (!(key in args)) expect(members[key]?.words, key).toBe(words);
    }
  });
});

function withoutOptional(shape: Shape): unknown {
  return JSON.parse(JSON.stringify(shape), (key, value: unknown) =>
    key === "optional" || key === "words" ? undefined : value,
  );
}

test("the arguments of the libvirt provider are those of its class", () => {
  const { inputProperties, requiredInputs } = providers.libvirt.provider;
  const args = readSdk(fileURLToPath(new URL("../../../plugins/libvirt/sdk", import.meta.url))).get("Provider")?.args;
  expect(membersOf(providers.libvirt, inputProperties, requiredInputs)).toEqual(args);
});

const definition = (inputs: z.ZodType<object>, token = "example:index:Thing"): ProviderDefinition<object> => ({
  name: "example",
  version: "0.1.0",
  description: "For tests.",
  config: z.strictObject({}),
  kinds: [
    {
      token,
      description: "For tests.",
      inputs,
      outputs: z.strictObject({}),
      create: async () => ({ id: "1", state: {} }),
      read: async () => undefined,
      update: async () => ({}),
      delete: async () => {},
    },
  ],
});
const inputsOf = (inputs: z.ZodType<object>) =>
  packageSchema(definition(inputs)).resources["example:index:Thing"]?.inputProperties;

test("numbers that 32 bits do not hold are no integers; maps, secrets and defaults are said", () => {
  expect(
    inputsOf(
      z.strictObject({
        bytes: z.int().positive(),
        port: z.int().min(1).max(65535).default(22),
        labels: z.record(z.string(), z.string()).optional(),
        password: z.string().meta({ secret: true }),
        anything: z.array(z.any()),
      }),
    ),
  ).toEqual({
    bytes: { type: "number" },
    port: { type: "integer", default: 22 },
    labels: { type: "object", additionalProperties: { type: "string" } },
    password: { type: "string", secret: true },
    anything: { type: "array", items: { $ref: "pulumi.json#/Any" } },
  });
});

test("what a package schema cannot say, and two things of one name, are refused", () => {
  expect(() => inputsOf(z.strictObject({ odd: z.union([z.string(), z.number()]) }))).toThrow("cannot say what odd is");
  expect(() => inputsOf(z.strictObject({ a: z.enum(["x"]), as: z.array(z.enum(["y"])) }))).toThrow(
    "two types would be called example:index:ThingA",
  );
  const twice = definition(z.strictObject({ state: z.strictObject({ a: z.string() }) }));
  const kinds = [...twice.kinds, ...definition(z.strictObject({}), "example:index:ThingState").kinds];
  expect(() => packageSchema({ ...twice, kinds })).toThrow("example:index:ThingState: a resource and a type");
});
