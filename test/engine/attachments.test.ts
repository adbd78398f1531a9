/** A client's disk in the state of an earlier version of this program, which replaced it when anything about it changed: it is changed in place from now on. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Project } from "./project.ts";

let project: Project;
beforeAll(async () => {
  project = await Project.create();
});
afterAll(() => project.dispose());

const log = (): string => (existsSync(join(project.data, "log")) ? readFileSync(join(project.data, "log"), "utf8") : "");

const program = (target: string, triggers: string, options: string): string => `
  new command.local.Command("app-1-kvm-a-r1", {
    create: "echo attach ${target} >>" + data + "/log",
    delete: "echo detach ${target} >>" + data + "/log",
    addPreviousOutputInEnv: false,
    ${triggers}
  }, { ${options} });
`;

test("a disk whose target changes is changed in place: nothing is detached first, nor afterwards", async () => {
  project.program(program("vdc", 'triggers: ["vdc", "virtio", "nbd", "r1", "10.20.0.10", 10809],', "deleteBeforeReplace: true"));
  await project.succeed("up", "--yes", "--skip-preview");
  project.program(program("vdc", "", 'ignoreChanges: ["triggers"]'));
  await project.succeed("up", "--yes", "--skip-preview", "--expect-no-changes");
  project.program(program("vdb", "", 'ignoreChanges: ["triggers"]'));
  await project.succeed("up", "--yes", "--skip-preview");
  expect(log()).toBe("attach vdc\nattach vdb\n");
  project.program("");
  await project.succeed("up", "--yes", "--skip-preview");
  expect(log()).toBe("attach vdc\nattach vdb\ndetach vdb\n");
});
