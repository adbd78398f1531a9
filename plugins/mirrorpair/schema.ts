/** The package's schema, of which Pulumi makes SDKs and by which it checks YAML, from the schemas of a stack file. */
import { asArgument } from "../../src/pair/decidePair.ts";
import { pairArgsSchema } from "../../src/pair/pairArgs.ts";
import { pairOutputsSchema } from "../../src/pair/pairOutputs.ts";
import { mirrorPairToken } from "../../src/pair/MirrorPair.ts";
import { languages, type PackageSchema } from "../serving/packageSchema.ts";
import { propertiesOf, type PropertySpec, type TypeSpec } from "../serving/propertySpecs.ts";
import { version } from "./package.ts";

/** Throws when a schema says what a package schema cannot. */
export function mirrorPairSchema(): PackageSchema {
  const types: Record<string, TypeSpec> = {};
  const inputs = propertiesOf(pairArgsSchema, "input", { owner: mirrorPairToken, types });
  // Names of their own: a mirror that is there is told otherwise than one that is asked for.
  const outputs = propertiesOf(pairOutputsSchema, "output", { owner: "kvm-mirror:index:Served", types });
  return {
    name: "kvm-mirror",
    version,
    description: "Replicated disks for KVM virtual machines: DRBD mirrors exported by NBD and iSCSI.",
    license: "Apache-2.0",
    meta: { moduleFormat: "(.*)" },
    language: languages,
    types: mapValues(types, ({ properties, ...type }) => ({
      ...type,
      ...(properties === undefined ? {} : { properties: mapValues(properties, withDefaultInWords) }),
    })),
    provider: { description: "", properties: {}, required: [], inputProperties: {}, requiredInputs: [] },
    resources: {
      [mirrorPairToken]: {
        isComponent: true,
        description:
          "Two mirrors, the volumes on them, their exports, and the disks of the clients that are named: what a " +
          "stack file of kvm-mirror says, key by key.",
        properties: outputs.properties,
        required: outputs.required,
        inputProperties: mapValues(inputs.properties, withDefaultInWords),
        requiredInputs: inputs.required,
      },
    },
  };
}

/**
 * A default is filled in where the arguments are checked, and in no SDK: some keys may be written only beside others,
 * and what nobody has written must not look as if somebody had.
 */
function withDefaultInWords({ default: value, description = "", ...spec }: PropertySpec): PropertySpec {
  const words = [
    ...(description === "" ? [] : [description.replace(/\.$/, "")]),
    ...(value === undefined ? [] : [`Default: \`${value}\``]),
  ];
  return words.length === 0 ? spec : { ...spec, description: asArgument(`${words.join(". ")}.`) };
}

function mapValues<From, To>(values: Readonly<Record<string, From>>, change: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
}
