import { PolicyPack, type PolicyResource, UnknownValueError } from "@pulumi/policy";
import { rules } from "./rules.ts";
import { readStackFile } from "./stackFile.ts";
import { type Resource, type Stack, unknown } from "./stack.ts";

/** The value without the proxies that throw where a preview does not know something yet. */
function plain(read: () => unknown): unknown {
  let value: unknown;
  try {
    value = read();
  } catch (error) {
    if (error instanceof UnknownValueError) return unknown;
    throw error;
  }
  if (Array.isArray(value)) {
    const list: readonly unknown[] = value;
    return Array.from({ length: list.length }, (_, index) => plain(() => list[index]));
  }
  if (typeof value !== "object" || value === null) return value;
  const object = value as Record<string, unknown>;
  return Object.fromEntries(Object.keys(object).map((key) => [key, plain(() => object[key])]));
}

function resourceOf({ type, name, props, opts, provider }: PolicyResource): Resource {
  const uri = provider === undefined ? undefined : plain(() => (provider.props as Record<string, unknown>)["uri"]);
  return {
    type,
    name,
    properties: plain(() => props) as Record<string, unknown>,
    protect: opts.protect,
    host: typeof uri === "string" ? uri : undefined,
  };
}

/** urn:pulumi:STACK::PROJECT::TYPE::NAME */
const stackNameOf = (urn: string): string => urn.split("::")[0]?.split(":").at(-1) ?? "";

function stackOf(resources: readonly PolicyResource[]): Stack {
  const name = stackNameOf(resources[0]?.urn ?? "");
  return { name, resources: resources.map(resourceOf), config: readStackFile(name) };
}

export default new PolicyPack("kvm-mirror", {
  policies: rules.map(({ name, description, offences }) => ({
    name,
    description,
    enforcementLevel: "mandatory",
    validateStack: ({ resources }, reportViolation) => {
      for (const offence of offences(stackOf(resources))) reportViolation(offence);
    },
  })),
});
