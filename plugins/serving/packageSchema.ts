/**
 * The package schema of a provider (`pulumi package get-schema`), made from its zod schemas. From it `pulumi package
 * add` generates SDKs: Pulumi's schema reference, https://www.pulumi.com/docs/iac/extending-pulumi/schema/.
 */
import { propertiesOf } from "./propertySpecs.ts";
import type { PropertySpec, TypeSpecs } from "./propertySpecs.ts";
import type { ProviderDefinition } from "./resource.ts";

export interface PackageSchema {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly meta: { readonly moduleFormat: string };
  readonly language: Readonly<Record<string, object>>;
  readonly types: TypeSpecs;
  readonly provider: ResourceSpec;
  readonly resources: Readonly<Record<string, ResourceSpec>>;
}

export interface ResourceSpec {
  readonly description?: string;
  /** It is made of other resources, and Construct makes it. */
  readonly isComponent?: true;
  /** What the state holds: the inputs and the outputs. */
  readonly properties: Readonly<Record<string, PropertySpec>>;
  readonly required: readonly string[];
  readonly inputProperties: Readonly<Record<string, PropertySpec>>;
  readonly requiredInputs: readonly string[];
}

/** `libvirt:index:Network` has its module as it stands; `cloudinit:index/config:Config` after the slash a file. */
const PLAIN_MODULES = "(.*)";
const MODULES_WITH_FILES = "(.*)(?:/[^/]*)";

/** The version in the generated SDK is the one by which the engine finds the plugin. */
export const languages: PackageSchema["language"] = Object.fromEntries(
  ["csharp", "go", "nodejs", "python"].map((language) => [language, { respectSchemaVersion: true }]),
);

/** Throws when a schema says what a package schema cannot, or when two types would have one name. */
export function packageSchema<Config>(definition: ProviderDefinition<Config>): PackageSchema {
  const { name, version, description, kinds } = definition;
  const types: Record<string, TypeSpecs[string]> = {};
  const config = propertiesOf(definition.config, "input", { owner: `${name}:index:Provider`, types });
  const resources = kinds.map((kind) => {
    const place = { owner: kind.token, types };
    const inputs = propertiesOf(kind.inputs, "input", place);
    // With defaults filled in, as they are in the state. The types below them are those of the inputs.
    const kept = propertiesOf(kind.inputs, "output", place);
    const outputs = propertiesOf(kind.outputs, "output", place);
    const spec: ResourceSpec = {
      description: kind.description,
      properties: { ...mapValues(kept.properties, withoutDefault), ...outputs.properties },
      required: [...kept.required, ...outputs.required],
      inputProperties: inputs.properties,
      requiredInputs: inputs.required,
    };
    return [kind.token, spec] as const;
  });
  const taken = resources.map(([token]) => token).filter((token) => token in types);
  if (taken.length > 0) throw new Error(`${taken.join(", ")}: a resource and a type of a property have one name`);
  return {
    name,
    version,
    description,
    license: "Apache-2.0",
    meta: { moduleFormat: kinds.some(({ token }) => token.includes("/")) ? MODULES_WITH_FILES : PLAIN_MODULES },
    language: languages,
    types,
    // Of a provider's arguments only strings can be read back as its outputs.
    provider: {
      description,
      properties: Object.fromEntries(Object.entries(config.properties).filter(([, { type }]) => type === "string")),
      required: config.required.filter((key) => config.properties[key]?.type === "string"),
      inputProperties: config.properties,
      requiredInputs: config.required,
    },
    resources: Object.fromEntries(resources),
  };
}

function withoutDefault({ default: _default, willReplaceOnChanges: _replace, ...spec }: PropertySpec): PropertySpec {
  return spec;
}

function mapValues<Value>(
  values: Readonly<Record<string, Value>>,
  change: (value: Value) => Value,
): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
}
