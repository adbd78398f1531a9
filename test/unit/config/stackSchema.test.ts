import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { renderStackSchema } from "../../../src/config/stackSchema.ts";

const folder = join(import.meta.dirname, "../../../stacks");
const stackFiles = readdirSync(folder).filter((name) => /^Pulumi\..*\.yaml$/.test(name));
const textOf = (name: string): string => readFileSync(join(folder, name), "utf8");
const schema = z.fromJSONSchema(JSON.parse(renderStackSchema()));
const production = (): { config: Record<string, unknown> } => parse(textOf("Pulumi.production.yaml"));
const accepts = (config: Record<string, unknown>): boolean =>
  schema.safeParse({ config: { ...production().config, ...config } }).success;

it("the schema of stack files is the one that is committed", async () => {
  await expect(renderStackSchema()).toMatchFileSnapshot("../../../docs/stack.schema.json");
});

it.each(stackFiles)("%s names it for editors, and fits it", (name) => {
  expect(textOf(name).split("\n")[0]).toBe("# yaml-language-server: $schema=../docs/stack.schema.json");
  expect(schema.safeParse(parse(textOf(name))).error).toBeUndefined();
});

it.each([
  ["a misspelt key", { "kvm-mirror:volume": {} }],
  ["a misspelt key of a block", { "kvm-mirror:machine": { memroy: "4096MiB" } }],
  ["a misspelt key of a named block", { "kvm-mirror:groups": { main: { vip: "10.20.0.10", prefered: "mirror-a" } } }],
  [
    "a fourth network",
    { "kvm-mirror:networks": { ...Object(production().config["kvm-mirror:networks"]), backup: {} } },
  ],
  ["a number for text", { "kvm-mirror:machine": { memory: 4096 } }],
  ["a word for a truth value", { "kvm-mirror:protectData": "yes" }],
  ["a secret as it was typed", { "kvm-mirror:secret": "stack-0123456789" }],
  ["a webhook as it was typed", { "kvm-mirror:monitoring": { notify: { webhook: "https://chat.example.net/x" } } }],
])("marks %s", (_, config) => {
  expect(accepts(config)).toBe(false);
});

it.each([
  ["what `pulumi config set` writes", { "kvm-mirror:bootDeadline": "900", "kvm-mirror:protectData": "false" }],
  ["the secret as Pulumi keeps it", { "kvm-mirror:secret": { secure: "v1:abc" } }],
  ["a webhook as Pulumi keeps it", { "kvm-mirror:monitoring": { notify: { webhook: { secure: "v1:abc" } } } }],
  ["keys of other namespaces", { "pulumi:disable-default-providers": ["*"] }],
])("takes %s", (_, config) => {
  expect(accepts(config)).toBe(true);
});
