import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dependenciesOf, packageDirectory } from "../../../toolchain/language-nodejs/dependencies.ts";
import { nodeArguments, programEnvironment, runtimeOptions } from "../../../toolchain/language-nodejs/program.ts";
import { nodePluginArguments, runNodePlugin } from "../../../toolchain/language-nodejs/nodePlugin.ts";
import type { Program } from "../../../toolchain/language-nodejs/program.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "kvm-mirror-language-"));
  mkdirSync(join(directory, "node_modules/@pulumi/pulumi/cmd/run"), { recursive: true });
  // Says what it was given, and serves until it is ended.
  mkdirSync(join(directory, "node_modules/@pulumi/pulumi/cmd/run-policy-pack"));
  writeFileSync(
    join(directory, "node_modules/@pulumi/pulumi/cmd/run-policy-pack/index.js"),
    "console.log(JSON.stringify([process.argv.slice(2), process.cwd(), process.env.WORD]));\n" +
      "setInterval(() => 0, 1000);",
  );
  mkdirSync(join(directory, "src"));
  writeFileSync(join(directory, "node_modules/@pulumi/pulumi/cmd/run/index.js"), "");
  writeFileSync(
    join(directory, "package.json"),
    JSON.stringify({ dependencies: { zod: "4.0.0" }, devDependencies: { vitest: "4.1.0" } }),
  );
});
afterAll(() => rmSync(directory, { recursive: true }));

const program = (overrides: Partial<Program> = {}): Program => ({
  monitorAddress: "127.0.0.1:1",
  engineAddress: "127.0.0.1:2",
  organization: "organization",
  project: "project",
  stack: "stack",
  rootDirectory: directory,
  programDirectory: join(directory, "src"),
  entryPoint: "main.ts",
  args: ["extra"],
  dryRun: true,
  parallel: 8,
  config: { "project:a": "1" },
  secretConfigKeys: ["project:a"],
  options: runtimeOptions({ typescript: false }),
  ...overrides,
});

test("the program is run by the SDK's own runner, found from the program's directory", () => {
  expect(
    nodeArguments(
      program({ options: runtimeOptions({ typescript: false, nodeargs: "--trace-warnings  --no-deprecation" }) }),
    ),
  ).toEqual([
    "--trace-warnings",
    "--no-deprecation",
    join(directory, "node_modules/@pulumi/pulumi/cmd/run/index.js"),
    "--monitor",
    "127.0.0.1:1",
    "--engine",
    "127.0.0.1:2",
    "--organization",
    "organization",
    "--project",
    "project",
    "--root-directory",
    directory,
    "--stack",
    "stack",
    "--pwd",
    join(directory, "src"),
    "--dry-run",
    "--parallel",
    "8",
    "main.ts",
    "extra",
  ]);
  expect(nodeArguments(program({ dryRun: false }))).not.toContain("--dry-run");
});

test("a policy pack is run by the SDK's runner for it, with its directory last, until it is ended", async () => {
  const pack = {
    ...{
      kind: "analyzer" as const,
      directory: join(directory, "src"),
      workingDirectory: directory,
      args: ["127.0.0.1:2"],
    },
    environment: ["WORD=a=b", `PATH=${process.env.PATH}`],
  };
  expect(() => nodePluginArguments({ ...pack, directory: tmpdir() })).toThrow("run npm install");
  const ended = new AbortController();
  let said = "";
  const status = await runNodePlugin(
    pack,
    {
      stdout: (chunk) => {
        said += chunk.toString();
        if (said.endsWith("\n")) ended.abort();
      },
      stderr: (chunk) => void (said += chunk.toString()),
    },
    ended.signal,
  );
  expect(JSON.parse(said)).toEqual([["127.0.0.1:2", join(directory, "src")], realpathSync(directory), "a=b"]);
  expect(status).toBe(0);
});

test("a provider is run by the SDK's runner for it, with its directory first", () => {
  const repository = fileURLToPath(new URL("../../..", import.meta.url));
  const provider = { kind: "resource" as const, directory: `${repository}plugins/mirrorpair`, args: ["127.0.0.1:2"] };
  expect(nodePluginArguments({ ...provider, workingDirectory: tmpdir(), environment: [] })).toEqual([
    `${repository}node_modules/@pulumi/pulumi/cmd/run-plugin/index.js`,
    `${repository}plugins/mirrorpair`,
    "127.0.0.1:2",
  ]);
});

test("a missing SDK is told with the way out", () => {
  expect(() => nodeArguments(program({ programDirectory: tmpdir() }))).toThrow(
    `@pulumi/pulumi is not installed for ${tmpdir()}: run npm install`,
  );
});

test("the environment carries the configuration, and ts-node's switches only where it is wanted", () => {
  const config = { PULUMI_CONFIG: '{"project:a":"1"}', PULUMI_CONFIG_SECRET_KEYS: '["project:a"]' };
  expect(programEnvironment(program())).toEqual(config);
  expect(programEnvironment(program({ options: runtimeOptions({ tsconfig: "../tsconfig.json" }) }))).toEqual({
    ...config,
    PULUMI_NODEJS_TYPESCRIPT: "true",
    PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    PULUMI_NODEJS_TSCONFIG_PATH: "../tsconfig.json",
  });
});

test("an option that this host does not have is refused by name", () => {
  expect(() => runtimeOptions({ typescript: false, bun: true })).toThrow("runtime option bun is not supported");
});

test("dependencies come from the nearest package.json", () => {
  expect(packageDirectory(join(directory, "src"))).toBe(directory);
  expect(dependenciesOf(join(directory, "src"))).toEqual([
    { name: "zod", version: "4.0.0" },
    { name: "vitest", version: "4.1.0" },
  ]);
  expect(() => packageDirectory("/")).toThrow("no package.json in / or above it");
});
