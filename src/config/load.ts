import * as pulumi from "@pulumi/pulumi";
import type { Config } from "./config.ts";
import { configOf } from "./configOf.ts";

/**
 * The stack's configuration, checked. The only reader of Pulumi's configuration inside the program. Throws ConfigError.
 */
export function loadConfig(): Config {
  const project = pulumi.getProject();
  const config = new pulumi.Config();
  const prefix = `${project}:`;
  const keys = Object.keys(pulumi.runtime.allConfig())
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(prefix.length));
  return configOf(Object.fromEntries(keys.map((key) => [key, config.require(key)])));
}
