/** The golden graphs, as the rules of policy/ see a stack. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { at, type Resource, type Stack, unknown } from "../../../policy/stack.ts";
import { readStackFile } from "../../../policy/stackFile.ts";
import type { Recorded } from "../../graph/record.ts";

export type StackName = "lab" | "lab-automatic" | "lab-lvm" | "lab-zvol" | "production";

/** What the golden graph masks, and what a preview does not know. */
const masks = ["<secret>", "<known after up>"];

function known(value: unknown): unknown {
  if (typeof value === "string") return masks.includes(value) ? unknown : value;
  if (Array.isArray(value)) return value.map(known);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, known(inner)]));
}

export function goldenStack(name: StackName): Stack {
  const file = fileURLToPath(new URL(`../../graph/expected/${name}.json`, import.meta.url));
  const recorded = JSON.parse(readFileSync(file, "utf8")) as readonly Recorded[];
  const uris = new Map(
    recorded
      .filter(({ type }) => type === "pulumi:providers:libvirt")
      .map((provider) => [provider.name, String(at(provider.inputs, "uri"))]),
  );
  return {
    name,
    config: readStackFile(name),
    resources: recorded.map(({ type, name: own, inputs, options }) => ({
      ...{ type, name: own },
      properties: known(inputs) as Resource["properties"],
      protect: options["protect"] === true,
      host: uris.get(String(options["provider"])),
    })),
  };
}

/** A copy in which the resources of a name are others; none in the place of one takes it away. */
export function changed(
  stack: Stack,
  name: string,
  change: (resource: Resource) => Resource | undefined,
  type?: string,
): Stack {
  let found = 0;
  const resources = stack.resources.flatMap((resource) => {
    if (resource.name !== name || (type !== undefined && resource.type !== type)) return [resource];
    found += 1;
    return change(resource) ?? [];
  });
  if (found === 0) throw new Error(`the golden graph of ${stack.name} has no ${name}`);
  return { ...stack, resources };
}

/** A copy in which a resource's properties, written as JSON, have other words. */
export function reworded(stack: Stack, name: string, from: string | RegExp, to: string, type?: string): Stack {
  return changed(
    stack,
    name,
    (resource) => {
      const before = JSON.stringify(resource.properties);
      const after = before.replace(from, to);
      if (after === before) throw new Error(`${name} does not have ${String(from)}`);
      return { ...resource, properties: JSON.parse(after) as Resource["properties"] };
    },
    type,
  );
}
