import * as pulumi from "@pulumi/pulumi";
import type { Config } from "../config/config.ts";
import { configOf } from "./configOf.ts";

/**
 * The stack's configuration, checked. The only reader of Pulumi's configuration inside the program. Throws ConfigError.
 */
export function loadConfig(): Config {
  const prefix = `${pulumi.getProject()}:`;
  const config = new pulumi.Config();
  const keys = Object.keys(pulumi.runtime.allConfig())
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(prefix.length));
  const texts = Object.fromEntries(keys.map((key) => [key, config.require(key)]));
  return configOf(
    texts,
    keys.filter((key) => isEncrypted(`${prefix}${key}`)),
  );
}

/** Whether a value is encrypted in the stack file. The SDK knows, and leaves the function out of its types alone. */
const { isConfigSecret: isEncrypted } = pulumi.runtime as unknown as { isConfigSecret: (key: string) => boolean };
