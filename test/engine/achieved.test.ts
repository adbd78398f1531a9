/**
 * What the stack's output says after an `up` that failed: the inventory that the tools
 * read is the one that was achieved (src/components/achieve.ts).
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { Project } from "./project.ts";

let project: Project;
beforeAll(async () => {
  project = await Project.create();
});
afterAll(() => project.dispose());

const UP = ["up", "--yes", "--skip-preview"] as const;
/** A mirror with a command inside it, and the inventory after the mirror, as src/components/declare.ts has it. */
const program = (keys: string, does = "true"): string => `
  class Mirror extends pulumi.ComponentResource {
    constructor() {
      super("engine:index:Mirror", "mirror");
      new command.local.Command("keys", { create: ${JSON.stringify(`${does} # ${keys}`)} }, { parent: this });
    }
  }
  const create = "echo '${keys}' >>" + data + "/kept";
  const kept = new command.local.Command("inventory", { create }, { dependsOn: [new Mirror()] });
  export const inventory = kept.stdout.apply(() => ({ keys: "${keys}" }));
`;
const output = async (): Promise<unknown> =>
  JSON.parse((await project.succeed("stack", "output", "inventory", "--json")).stdout);

test("an `up` that fails leaves the inventory of the one before", async () => {
  project.program(program("first"));
  await project.succeed(...UP);
  project.program(program("second", "false"));
  await project.fail(...UP);
  expect(await output()).toEqual({ keys: "first" });
  project.program(program("second"));
  // What a preview does not know yet replaces nothing either.
  await project.succeed("preview");
  expect(await output()).toEqual({ keys: "first" });
  await project.succeed(...UP);
  expect(await output()).toEqual({ keys: "second" });
  await project.succeed("preview", "--expect-no-changes");
});
