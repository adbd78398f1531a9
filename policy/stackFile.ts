import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { at } from "./stack.ts";

/** The project's keys in a stack file begin so. */
const prefix = "kvm-mirror:";

/**
 * Values under `config` of a stack's file, without the project's prefix. The engine tells a policy pack none of them.
 * @returns undefined where there is no such file: whoever judges then takes the stricter case
 */
export function readStackFile(stack: string): Readonly<Record<string, unknown>> | undefined {
  const file = fileURLToPath(new URL(`../stacks/Pulumi.${stack}.yaml`, import.meta.url));
  return existsSync(file) ? configOf(readFileSync(file, "utf8")) : undefined;
}

/** The same of a stack file's text. */
export function configOf(text: string): Readonly<Record<string, unknown>> {
  const config = at(parse(text), "config");
  return Object.fromEntries(
    Object.entries(typeof config === "object" && config !== null ? config : {}).flatMap(([key, value]) =>
      key.startsWith(prefix) ? [[key.slice(prefix.length), value as unknown]] : [],
    ),
  );
}
