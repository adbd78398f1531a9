import type { z } from "zod";
import { makeSecret } from "./secret.ts";
import { jsonSchema } from "./stackSchema.ts";
import { about, blocks, namedBlocks, settings } from "./stackKeys.ts";

interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly encrypted?: true;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema | false;
}

/** The reference of all configuration keys as Markdown, from the schemas that check them. */
export function renderReference(): string {
  const named = Object.entries(namedBlocks).map(([name, schema]) =>
    section(name as keyof typeof about, schema, "<name>."),
  );
  const single = Object.entries(blocks).map(([name, schema]) => section(name as keyof typeof about, schema, ""));
  return [
    "# Configuration",
    "",
    "<!-- Written from src/config by `npx vitest run --project unit test/unit/config/reference.test.ts -u`. -->",
    "",
    "All keys of a stack file (`stacks/Pulumi.<env>.yaml`). Keys without a default must be " +
      "given; `-` means that leaving it out has a meaning of its own,",
    "which is said. Sizes are whole numbers with a unit of 1024 (`KiB`, `MiB`, " +
      "`GiB`, `TiB`); times are seconds; addresses are IPv4.",
    "",
    "An editor with the YAML language server completes and explains them, and marks misspelt ones, where the stack " +
      "file begins with `# yaml-language-server: $schema=../docs/stack.schema.json`.",
    "",
    "## Single values",
    "",
    ...table(
      Object.entries(settings).flatMap(([name, schema]) => rows(`kvm-mirror:${name}`, json(schema), name === "secret")),
    ),
    "",
    `The secret is made with \`${makeSecret}\`.`,
    ...named.flat(),
    ...single.flat(),
    "",
  ].join("\n");
}

function section(name: keyof typeof about, schema: z.ZodType, prefix: string): readonly string[] {
  const { properties = {}, required = [] } = json(schema);
  return [
    "",
    `## kvm-mirror:${name}`,
    "",
    about[name],
    "",
    ...table(
      Object.entries(properties).flatMap(([key, below]) => rows(`${prefix}${key}`, below, required.includes(key))),
    ),
  ];
}

const json = (schema: z.ZodType): JsonSchema => jsonSchema(schema) as JsonSchema;

/** A row for a value; for a block or a list of blocks, the rows below it. */
function rows(path: string, schema: JsonSchema, required: boolean): readonly (readonly string[])[] {
  const block = schema.properties
    ? { path, of: schema }
    : schema.items?.properties
      ? { path: `${path}[]`, of: schema.items }
      : undefined;
  if (!block) return [[`\`${path}\``, form(schema), fallback(schema, required), schema.description ?? ""]];
  return Object.entries(block.of.properties ?? {}).flatMap(([key, below]) =>
    rows(`${block.path}.${key}`, below, block.of.required?.includes(key) ?? false),
  );
}

function form(schema: JsonSchema): string {
  if (schema.encrypted) return "text, encrypted";
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(", ");
  if (schema.additionalProperties) return `${form(schema.additionalProperties)} by name`;
  if (schema.type === "array") return `list of ${form(schema.items ?? {})}`;
  const words: Readonly<Record<string, string>> = {
    string: "text",
    integer: "whole number",
    boolean: "`true`, `false`",
  };
  return words[schema.type ?? ""] ?? "text";
}

function fallback({ default: value }: JsonSchema, required: boolean): string {
  if (value !== undefined) return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
  return required ? "" : "-";
}

function table(body: readonly (readonly string[])[]): readonly string[] {
  return [
    "| key | form | default | meaning |",
    "| --- | --- | --- | --- |",
    ...body.map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`),
  ];
}
