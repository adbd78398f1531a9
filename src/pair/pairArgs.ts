import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { ConfigError, keyPath } from "../config/problem.ts";
import { about, blocks, namedBlocks, settings } from "../config/stackKeys.ts";

const { secret, ...openSettings } = settings;
/** Blocks without which there is no pair. */
const needed = ["hosts", "networks", "mirrors"] as const;
type Needed = (typeof needed)[number];

type Schemas = Readonly<Record<string, z.ZodType>>;
type Written<Of extends Schemas> = { readonly [Key in keyof Of]?: pulumi.Input<z.input<Of[Key]>> | undefined };
type Named<Of extends Schemas> = {
  readonly [Key in keyof Of]: pulumi.Input<Readonly<Record<string, z.input<Of[Key]>>>>;
};

/**
 * What a stack file says below `kvm-mirror:`, key by key (docs/configuration.md). All of it must be known in a preview:
 * it decides which resources there are.
 */
export type MirrorPairArgs = Written<typeof openSettings> &
  Written<typeof blocks> &
  Named<Pick<typeof namedBlocks, Needed>> &
  Partial<Named<Omit<typeof namedBlocks, Needed>>> & {
    /** A secret of Pulumi, `config.requireSecret("…")` for example: the pair's keys are derived from it. */
    readonly secret: pulumi.Input<string>;
  };

/** The same as one schema, for the package's. It says what is written, and nothing of what must hold between keys. */
export const pairArgsSchema = z.strictObject({
  secret: z.string().describe(`${secret.description}. It must be a secret of Pulumi, as of \`config set --secret\``),
  ...mapSchemas(openSettings, (schema) => schema.optional()),
  ...mapSchemas(blocks, (schema, name) => schema.optional().describe(about[name])),
  ...mapSchemas(namedBlocks, (schema, name) => {
    const byName = z.record(z.string(), schema);
    return (needed.some((one) => one === name) ? byName : byName.optional()).describe(about[name]);
  }),
});

function mapSchemas<Name extends string>(
  schemas: Readonly<Record<Name, z.ZodType>>,
  change: (schema: z.ZodType, name: Name) => z.ZodType,
): Record<Name, z.ZodType> {
  const entries = Object.entries(schemas) as [Name, z.ZodType][];
  return Object.fromEntries(entries.map(([name, schema]) => [name, change(schema, name)])) as Record<Name, z.ZodType>;
}

/** What a program has said, by key. */
export interface GivenArgs {
  /** As Pulumi's configuration would have it: JSON, and the secret as it is. */
  readonly texts: Readonly<Record<string, string>>;
  /** The keys that are secret, as a whole or in part. */
  readonly secret: readonly string[];
}

/** What Pulumi knows of an output, and leaves out of its types. */
interface Settling {
  readonly isKnown: Promise<boolean>;
  promise(): Promise<unknown>;
}

/** Waits for the values of a component's arguments. @throws ConfigError when one is known after `up` alone */
export async function givenArgs(args: Readonly<Record<string, unknown>>): Promise<GivenArgs> {
  const said = await Promise.all(
    Object.entries(args).map(async ([key, given]) => {
      const output = pulumi.output(given);
      const { isKnown, promise } = output as unknown as Settling;
      const known = await isKnown;
      const value = known ? await promise.call(output) : undefined;
      return { key, known, value, secret: await pulumi.isSecret(output) };
    }),
  );
  const unknown = said.filter(({ known }) => !known);
  if (unknown.length > 0)
    throw new ConfigError(
      unknown.map(({ key }) => ({
        key: keyPath(key),
        text: "is not known before `up`: another resource makes it. Take it from the configuration of the program",
      })),
    );
  const there = said.filter(({ value }) => value !== undefined && value !== null);
  return {
    texts: Object.fromEntries(
      there.map(({ key, value }) => [
        key,
        key === "secret" && typeof value === "string" ? value : JSON.stringify(value),
      ]),
    ),
    secret: there.filter((one) => one.secret).map(({ key }) => key),
  };
}
