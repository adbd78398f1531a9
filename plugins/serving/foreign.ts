/**
 * What state and requests hold that is none of a provider's own properties. The same stack is
 * worked on by different builds of a plugin, and each leaves keys of its framework behind: the engine
 * its `__internal`, the official plugins `__pulumi-go-provider-version`, `__defaults`, `__meta`.
 */
import type { PlainObject } from "./wire.ts";

/** What the engine itself puts among a provider's arguments, without the prefix below. */
const ENGINE_ARGUMENTS = new Set([
  "version",
  "pluginDownloadURL",
  "pluginChecksums",
  "envVarMappings",
  "parameterization",
]);

/** No property of a Pulumi schema begins so: it is kept for engine and frameworks. */
const RESERVED = "__";

/** Of a provider's arguments those that its schema is about. */
export function ownArguments(values: PlainObject): PlainObject {
  return Object.fromEntries(Object.entries(ownProperties(values)).filter(([key]) => !ENGINE_ARGUMENTS.has(key)));
}

/** Of a resource's stored properties those that its schema is about. Keys of maps inside are the user's, and stay. */
export function ownProperties(values: PlainObject): PlainObject {
  return Object.fromEntries(Object.entries(values).filter(([key]) => !key.startsWith(RESERVED)));
}
