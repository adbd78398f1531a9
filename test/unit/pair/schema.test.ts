import { expect, it } from "vitest";
import { mirrorPairSchema } from "../../../plugins/mirrorpair/schema.ts";
import type { PropertySpec } from "../../../plugins/serving/propertySpecs.ts";
import { stackKeys } from "../../../src/config/stackKeys.ts";

const schema = mirrorPairSchema();
const pair = schema.resources["kvm-mirror:index:MirrorPair"];
if (!pair) throw new Error("the package has no MirrorPair");
const properties = [pair.inputProperties, ...Object.values(schema.types).map((type) => type.properties ?? {})].flatMap(
  (all): readonly PropertySpec[] => Object.values(all),
);

it("has every key of a stack file as an argument, with what it is for", () => {
  expect(Object.keys(pair.inputProperties).sort()).toEqual([...stackKeys].sort());
  for (const [key, { description }] of Object.entries(pair.inputProperties)) expect(description, key).toBeTruthy();
  expect([...pair.requiredInputs].sort()).toEqual(["hosts", "mirrors", "networks", "secret"]);
});

it("has objects by name as maps of types of their own", () => {
  expect(pair.inputProperties["volumes"]).toMatchObject({
    type: "object",
    additionalProperties: { $ref: "#/types/kvm-mirror:index:MirrorPairVolume" },
  });
  expect(schema.types["kvm-mirror:index:MirrorPairVolume"]).toMatchObject({
    required: ["size"],
    properties: { minor: { type: "integer" }, size: { type: "string" } },
  });
});

it("says defaults in words alone: an SDK that filled them in would write keys that nobody has written", () => {
  expect(properties.length).toBeGreaterThan(60);
  expect(properties.filter((property) => "default" in property)).toEqual([]);
  expect(schema.types["kvm-mirror:index:MirrorPairMachine"]?.properties?.["vcpus"]?.description).toBe(
    "virtual CPUs. Default: `2`.",
  );
});

it("marks no argument as a secret: Pulumi would make one of a plain text, and nobody would hear of it", () => {
  expect(properties.filter(({ secret }) => secret === true)).toEqual([]);
});
