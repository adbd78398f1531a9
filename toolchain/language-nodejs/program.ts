/** The command line and environment by which the SDK's own runner starts a program. */
import { createRequire } from "node:module";
import { join } from "node:path";

/** What the engine says about the program to run. */
export interface Program {
  readonly monitorAddress: string;
  readonly engineAddress: string;
  readonly organization: string;
  readonly project: string;
  readonly stack: string;
  readonly rootDirectory: string;
  /** Where the program runs: the directory of `main`. */
  readonly programDirectory: string;
  readonly entryPoint: string;
  readonly args: readonly string[];
  readonly dryRun: boolean;
  readonly parallel: number;
  readonly config: Readonly<Record<string, string>>;
  readonly secretConfigKeys: readonly string[];
  readonly options: RuntimeOptions;
}

/** `runtime.options` of Pulumi.yaml, as far as this host knows them. */
export interface RuntimeOptions {
  /** Let the SDK compile TypeScript with ts-node. Default: true. `false`: Node strips the types itself. */
  readonly typescript: boolean;
  /** Arguments for node, separated by spaces. */
  readonly nodeargs: string;
  /** tsconfig.json for ts-node, relative to the program's directory. */
  readonly tsconfig: string | undefined;
}

const KNOWN_OPTIONS = ["typescript", "nodeargs", "tsconfig", "packagemanager"];

/** Throws on an option that the official host has and this one does not, rather than to ignore it. */
export function runtimeOptions(options: Readonly<Record<string, unknown>>): RuntimeOptions {
  const surplus = Object.keys(options).filter((key) => !KNOWN_OPTIONS.includes(key));
  if (surplus.length > 0)
    throw new Error(
      `runtime option ${surplus.join(", ")} is not supported by this ` +
        `language host; it knows ${KNOWN_OPTIONS.join(", ")}`,
    );
  const { typescript, nodeargs, tsconfig } = options;
  return {
    typescript: typescript !== false,
    nodeargs: typeof nodeargs === "string" ? nodeargs : "",
    tsconfig: typeof tsconfig === "string" ? tsconfig : undefined,
  };
}

/** Arguments for node. Throws when the SDK is not installed where the program would look for it. */
export function nodeArguments(program: Program): string[] {
  return [
    ...program.options.nodeargs.split(" ").filter((argument) => argument !== ""),
    resolveSdk(program.programDirectory, "run"),
    "--monitor",
    program.monitorAddress,
    "--engine",
    program.engineAddress,
    "--organization",
    program.organization,
    "--project",
    program.project,
    "--root-directory",
    program.rootDirectory,
    "--stack",
    program.stack,
    "--pwd",
    program.programDirectory,
    ...(program.dryRun ? ["--dry-run"] : []),
    "--parallel",
    String(program.parallel),
    program.entryPoint,
    ...program.args,
  ];
}

/** Environment of the program: what the SDK reads, beside the host's own. */
export function programEnvironment(program: Program): Record<string, string> {
  const { typescript, tsconfig } = program.options;
  return {
    PULUMI_CONFIG: JSON.stringify(program.config),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(program.secretConfigKeys),
    // The types are checked by tsc; ts-node would check them again at every start.
    ...(typescript ? { PULUMI_NODEJS_TYPESCRIPT: "true", PULUMI_NODEJS_TRANSPILE_ONLY: "true" } : {}),
    ...(tsconfig === undefined ? {} : { PULUMI_NODEJS_TSCONFIG_PATH: tsconfig }),
  };
}

/** A runner of the SDK that is installed for a directory. Throws when there is none. */
export function resolveSdk(programDirectory: string, runner: "run" | "run-plugin" | "run-policy-pack"): string {
  const require = createRequire(join(programDirectory, "index.js"));
  try {
    return require.resolve(`@pulumi/pulumi/cmd/${runner}`);
  } catch (error) {
    throw new Error(
      `@pulumi/pulumi is not installed for ${programDirectory}: run npm install in the project's directory`,
      { cause: error },
    );
  }
}
