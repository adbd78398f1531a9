/** The policy pack of policy/ under the real engine: what a preview says, and that it stops an `up`. */
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
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
  new command.local.Command("main-configuration", { create: "true", stdin: pulumi.secret(${JSON.stringify(document)}) });
`;
const drbd = (secret: string): string =>
  'resource r0 {\n  net {\n    protocol C;\n    allow-two-primaries no;\n    shared-secret "' +
  `${secret}";\n  }\n  disk {\n    fencing resource-and-stonith;\n  }\n}\n`;

test("a preview names what breaks a rule, by its resource, and never a secret; an up changes nothing then", async () => {
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
