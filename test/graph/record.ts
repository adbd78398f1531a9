import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";

/** A resource as the program registers it, with the options that decide over order and data. */
export interface Recorded {
  readonly type: string;
  readonly name: string;
  readonly inputs: unknown;
  readonly options: Record<string, unknown>;
}

/** What a KVM host with Debian 12 runs. */
const debian = { libvirt: "9.0.0", qemu: "7.2.22" };

/** Stack configuration from a stack file, with a fixed secret in the place of the encrypted one. */
export function stackConfig(file: string): Record<string, string> {
  const { config } = parse(readFileSync(file, "utf8")) as { config: Record<string, unknown> };
  const plain = Object.entries(config).map(
    ([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)] as const,
  );
  return { ...Object.fromEntries(plain), "kvm-mirror:secret": "graph-tests-only-".padEnd(64, "0") };
}

/**
 * Runs the program under Pulumi's mocks, as a preview (outputs that only a
 * provider knows stay unknown), and records what it registers.
 * Nothing is contacted.
 * @param encrypted keys of `config`, beside the stack's secret
 * @param versions of KVM hosts, which a provider finds out for a preview
 */
export async function record(
  stack: string,
  config: Record<string, string>,
  program: () => Promise<unknown>,
  encrypted: readonly string[] = [],
  versions: { readonly libvirt: string; readonly qemu: string } = debian,
): Promise<Recorded[]> {
  const recorded: Recorded[] = [];
  const options = new Map<string, Record<string, unknown>>();
  await pulumi.runtime.setMocks(
    {
      newResource: (args) => {
        recorded.push({
          type: args.type,
          name: args.name,
          inputs: legible(args.inputs),
          options: options.get(`${args.type}::${args.name}`) ?? {},
        });
        return {
          id: args.name,
          state: { ...args.inputs, ...(args.type === "libvirt:index:HostVersion" ? versions : {}) },
        };
      },
      call: (args) => args.inputs,
    },
    "kvm-mirror",
    stack,
    true,
  );
  pulumi.runtime.setAllConfig(config, ["kvm-mirror:secret", ...encrypted]);
  await pulumi.runtime.runInPulumiStack(async () => {
    pulumi.runtime.registerStackTransformation(({ type, name, opts }) => {
      options.set(`${type}::${name}`, legibleOptions(opts as pulumi.CustomResourceOptions));
      return undefined;
    });
    return program();
  });
  await pulumi.runtime.disconnect();
  return recorded.sort((a, b) => `${a.type} ${a.name}`.localeCompare(`${b.type} ${b.name}`, "en"));
}

/** Keys in order; secrets masked, and fingerprints, which say nothing to a reader. */
function legible(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(legible);
  if (typeof value !== "object" || value === null) return value;
  const object = value as Record<string, unknown>;
  if (object["4dabf18193072939515e22adb298388d"] === "1b47061264138c4ac30d75fd1eb44270") return "<secret>";
  if (object["__pulumiUnknown"] === true) return "<known after up>";
  return Object.fromEntries(
    Object.entries(object)
      .sort(([a], [b]) => a.localeCompare(b, "en"))
      .map(([key, entry]) => [key, key.endsWith("_SHA256") ? "<fingerprint>" : legible(entry)]),
  );
}

function legibleOptions(opts: pulumi.CustomResourceOptions): Record<string, unknown> {
  const name = (resource: pulumi.Resource | undefined): string | undefined =>
    (resource as unknown as { __name?: string } | undefined)?.__name;
  const dependsOn = [opts.dependsOn].flat(2).filter((one) => one !== undefined) as pulumi.Resource[];
  const all: Record<string, unknown> = {
    parent: name(opts.parent),
    provider: name(opts.provider),
    dependsOn: dependsOn.length === 0 ? undefined : dependsOn.map(name).sort(),
    deletedWith: name(opts.deletedWith as pulumi.Resource | undefined),
    protect: opts.protect,
    retainOnDelete: opts.retainOnDelete,
    ignoreChanges: opts.ignoreChanges,
    additionalSecretOutputs: opts.additionalSecretOutputs,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
