/** The policy pack of policy/ under the real engine: what a preview says, and that it stops an `up`. */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { Project } from "./project.ts";
import { REPOSITORY } from "./toolchain.ts";

const PACK = ["--policy-pack", join(REPOSITORY, "policy")] as const;
let project: Project;
beforeAll(async () => {
  project = await Project.create();
});
afterAll(() => project.dispose());

/** Two mirrors without machines, and a command with this document for one of them, part of it a secret. */
const program = (document: string): string => `
  for (const name of ["mirror-a", "mirror-b"]) new pulumi.ComponentResource("kvm-mirror:index:MirrorVm", name);
  const first = new command.local.Command("first", { create: "echo first" });
  new command.local.Command("later", { create: first.stdout, environment: { OF: first.stdout } });
  new command.local.Command("main-configuration",
    { create: "true", stdin: pulumi.secret(${JSON.stringify(document)}) });
`;
const drbd = (secret: string): string =>
  'resource r0 {\n  net {\n    protocol C;\n    allow-two-primaries no;\n    shared-secret "' +
  `${secret}";\n  }\n  disk {\n    fencing resource-and-stonith;\n  }\n}\n`;

test("a preview names what breaks a rule, and by which resource, but no secret; an up changes nothing", async () => {
  project.program(program(drbd("short-one")));
  for (const command of [["preview"], ["up", "--yes"]]) {
    const output = await project.fail(...command, ...PACK);
    expect(output).toContain("kvm-mirror@v0.1.0");
    expect(output).toContain("main-configuration: DRBD's shared-secret in stdin has 9 characters");
    expect(output).toContain("there are 0 mirrors, not two");
    expect(output).not.toContain("short-one");
    // What a preview does not know yet keeps no rule from being judged.
    expect(output).not.toContain("can't run policy");
  }
  expect([...(await project.state()).keys()]).toEqual([]);
});

/** The real program in this project, with the production example on hosts that nobody reaches. */
async function production(changes: Readonly<Record<string, unknown>>): Promise<void> {
  project.program(`export * from ${JSON.stringify(join(REPOSITORY, "src/main.ts"))};`);
  const projectFile = join(project.directory, "Pulumi.yaml");
  const path = join(REPOSITORY, "plugins/libvirt");
  const text = readFileSync(projectFile, "utf8").replace(/^ +- \{name: libvirt,.*\n/m, "");
  writeFileSync(projectFile, `${text}    - {name: libvirt, path: ${path}}\n`);
  const stackFile = join(project.directory, "Pulumi.test.yaml");
  const example = readFileSync(join(REPOSITORY, "stacks/Pulumi.production.yaml"), "utf8")
    .replaceAll("kvm-mirror:", "engine:")
    .replaceAll("example.net/system", "invalid/system");
  const { encryptionsalt } = parse(readFileSync(stackFile, "utf8")) as { readonly encryptionsalt: string };
  const { config } = parse(example) as { readonly config: Readonly<Record<string, unknown>> };
  writeFileSync(stackFile, stringify({ encryptionsalt, config: { ...config, ...changes } }));
  await project.succeed(
    "config",
    "set",
    "--secret",
    "engine:secret",
    `stack-${createHash("sha256").update("policy").digest("hex")}`,
  );
}

test("a preview of the whole program breaks no rule; one without protection does", async () => {
  await production({});
  const { output } = await project.succeed("preview", ...PACK);
  expect(output).toContain("kvm-mirror@v0.1.0");
  expect(output).not.toMatch(/violation|\[mandatory\]|can't run policy/i);
  await production({ "engine:protectData": false });
  const refused = await project.fail("preview", ...PACK);
  for (const mirror of ["mirror-a", "mirror-b"])
    expect(refused).toContain(`${mirror}-orders, the disk orders of ${mirror}, is not protected`);
});
