/** The package schemas of our providers, judged by Pulumi itself. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { join } from "node:path";
import { Project } from "./project.ts";
import { REPOSITORY } from "./toolchain.ts";

let project: Project;
beforeAll(async () => {
  project = await Project.create();
});
afterAll(() => project.dispose());

test.each([
  ["libvirt", "libvirt"],
  ["cloudinit", "cloudinit"],
  ["kvm-mirror", "mirrorpair"],
])("pulumi gets the schema of %s, and finds no fault in it", async (name, directory) => {
  const plugin = join(REPOSITORY, `plugins/${directory}/pulumi-resource-${name}`);
  const { stdout } = await project.succeed("package", "get-schema", plugin);
  expect(JSON.parse(stdout)).toMatchObject({ name, version: "0.1.0" });
  expect((await project.succeed("schema", "check", plugin)).output).not.toMatch(/warning/i);
});
