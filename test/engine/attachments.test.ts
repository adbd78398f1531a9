/**
 * State of an earlier version of this program: a client's disk, which it replaced when
 * anything about it changed, and a machine's seed in a CD drive.
 */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Project } from "./project.ts";

let project: Project;
beforeAll(async () => {
  project = await Project.create();
});
afterAll(() => project.dispose());

const log = (): string =>
  existsSync(join(project.data, "log")) ? readFileSync(join(project.data, "log"), "utf8") : "";

const program = (target: string, triggers: string, options: string): string => `
  new command.local.Command("app-1-kvm-a-r1", {
    create: "echo attach ${target} >>" + data + "/log",
    delete: "echo detach ${target} >>" + data + "/log",
    addPreviousOutputInEnv: false,
    ${triggers}
  }, { ${options} });
`;

/** Stands for a domain: what matters is how the engine compares the disks of a list. */
const machine = (seed: string, name: string): string => `
  new command.local.Command(
    "app-1",
    { create: "echo made ${name} >>" + data + "/log", triggers: [{ dev: "vda" }, ${seed}] },
    { ignoreChanges: ["triggers[1].device", "triggers[1].target", "triggers[1].serial"] },
  );
`;

test("a machine of an earlier version keeps its seed where it is, a new one has it on virtio", async () => {
  const cdrom = '{ device: "cdrom", target: { dev: "sda", bus: "sata" }, readonly: true }';
  const disk = '{ device: "disk", target: { dev: "vdzz", bus: "virtio" }, serial: "CIDATA", readonly: true }';
  project.program(machine(cdrom, "one"));
  await project.succeed("up", "--yes", "--skip-preview");
  project.program(machine(disk, "one"));
  await project.succeed("up", "--yes", "--skip-preview", "--expect-no-changes");
  project.program(machine(disk, "two"));
  await project.succeed("up", "--yes", "--skip-preview");
  expect((await project.state()).get("app-1")?.outputs).toMatchObject({
    triggers: [{ dev: "vda" }, { device: "cdrom", target: { dev: "sda", bus: "sata" }, readonly: true }],
  });
  project.program("");
  await project.succeed("up", "--yes", "--skip-preview");
  project.program(machine(disk, "two"));
  await project.succeed("up", "--yes", "--skip-preview");
  expect((await project.state()).get("app-1")?.outputs).toMatchObject({
    triggers: [{ dev: "vda" }, { device: "disk", target: { dev: "vdzz", bus: "virtio" }, serial: "CIDATA" }],
  });
  expect(log()).toBe("made one\nmade two\nmade two\n");
  project.program("");
  await project.succeed("up", "--yes", "--skip-preview");
  rmSync(join(project.data, "log"));
});

test("a disk whose target changes is changed in place: nothing is detached first, nor afterwards", async () => {
  project.program(
    program("vdc", 'triggers: ["vdc", "virtio", "nbd", "r1", "10.20.0.10", 10809],', "deleteBeforeReplace: true"),
  );
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
