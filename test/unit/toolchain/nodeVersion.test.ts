import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parse } from "yaml";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const project = parse(readFileSync(join(root, "Pulumi.yaml"), "utf8")) as {
  readonly main: string;
  readonly runtime: { readonly options: { readonly nodeargs: string } };
};

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "kvm-mirror-node-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A node that says it is another version, to whatever is loaded after it. */
function node(version: string): string {
  const claims = join(directory, "claims.cjs");
  writeFileSync(
    claims,
    `Object.defineProperty(process, "version", { value: "v${version}" });
     Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } });\n`,
  );
  const path = join(directory, "node");
  writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' --require '${claims}' "$@"\n`);
  chmodSync(path, 0o755);
  return path;
}

const run = (command: string, args: readonly string[]) =>
  spawnSync(command, args, {
    cwd: join(root, dirname(project.main)),
    env: { ...process.env, PATH: `${directory}:${process.env.PATH}` },
    input: "",
    encoding: "utf8",
  });
const TOLD = /^kvm-mirror needs Node 22\.18 or newer, and this is v20\.20\.2 \(.+\)\. Put a newer one first on PATH, /;

test.each(["libvirt", "cloudinit"])("the plugin %s says in one sentence that node is too old", (name) => {
  node("20.20.2");
  const { status, stderr } = run(join(root, `plugins/${name}/pulumi-resource-${name}`), []);
  expect([status, stderr.trim().split("\n").length]).toEqual([32, 1]);
  expect(stderr).toMatch(TOLD);
});

test("so does the program, with the arguments that the project file gives to node", () => {
  const args = [...project.runtime.options.nodeargs.split(" "), "--eval", "console.log('ran')"];
  expect(run(node("20.20.2"), args)).toMatchObject({ status: 32, stdout: "", stderr: expect.stringMatching(TOLD) });
  expect(run(node("22.17.1"), args).status).toBe(32);
  for (const version of ["22.18.0", "24.1.0"])
    expect(run(node(version), args)).toMatchObject({ status: 0, stdout: "ran\n", stderr: "" });
});
