import * as pulumi from "@pulumi/pulumi";

const version = "0.1.0";

/** The engine finds the plugin by name and version. */
export function withVersion<Options extends pulumi.ResourceOptions>(options: Options | undefined): Options {
  return pulumi.mergeOptions({ version }, options) as Options;
}

/** What goes to the engine: the arguments, and a place for each output. */
export function withOutputs(args: object, outputs: readonly string[]): pulumi.Inputs {
  return { ...args, ...Object.fromEntries(outputs.map((name) => [name, undefined])) };
}
