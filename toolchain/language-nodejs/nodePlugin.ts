/** Running a plugin that is a program for node, for as long as the engine asks it. */
import { spawn } from "node:child_process";
import { resolveSdk } from "./program.ts";

/** Kinds of plugins that are run here: a policy pack, and a provider that `pulumi package add` asks for its schema. */
export const pluginKinds = ["analyzer", "resource"] as const;

/** What the engine says about the plugin to run. */
export interface NodePlugin {
  readonly kind: (typeof pluginKinds)[number];
  /** The directory of its PulumiPolicy.yaml or PulumiPlugin.yaml. */
  readonly directory: string;
  readonly workingDirectory: string;
  /** The engine's address, and flags of its log. */
  readonly args: readonly string[];
  /** Its whole environment, as `NAME=value`. */
  readonly environment: readonly string[];
}

export interface Output {
  readonly stdout: (chunk: Buffer) => void;
  readonly stderr: (chunk: Buffer) => void;
}

/** Arguments for node. Throws when the SDK is not installed where the plugin would look for it. */
export function nodePluginArguments({ kind, directory, args }: NodePlugin): string[] {
  return kind === "analyzer"
    ? [resolveSdk(directory, "run-policy-pack"), ...args, directory]
    : [resolveSdk(directory, "run-plugin"), directory, ...args];
}

/** The plugin writes its port to stdout, and serves until it is ended. An abort ends it. @returns its status */
export async function runNodePlugin(plugin: NodePlugin, output: Output, signal: AbortSignal): Promise<number> {
  const child = spawn(process.execPath, nodePluginArguments(plugin), {
    cwd: plugin.workingDirectory,
    env: Object.fromEntries(plugin.environment.map(variable)),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const end = (): void => void child.kill("SIGTERM");
  signal.addEventListener("abort", end);
  child.stdout.on("data", output.stdout);
  child.stderr.on("data", output.stderr);
  try {
    return await new Promise((resolve, reject) => {
      child.on("error", reject);
      // One that was ended from here has done its work.
      child.on("close", (code) => resolve(code ?? (signal.aborted ? 0 : 1)));
    });
  } finally {
    signal.removeEventListener("abort", end);
  }
}

function variable(text: string): readonly [name: string, value: string] {
  const sign = text.indexOf("=");
  return [text.slice(0, sign), text.slice(sign + 1)];
}
