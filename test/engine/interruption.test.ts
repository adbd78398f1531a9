/** What is left running, and said, when an operation is interrupted, killed, or fails. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, Project } from "./project.ts";

let project: Project;
beforeAll(async () => {
  project = await Project.create();
});
afterAll(() => project.dispose());

const UP = ["up", "--yes", "--skip-preview"] as const;

/** A command that writes its process id and then waits, with a child of its own that does the same. */
const waiting = (name: string): string =>
  `new command.local.Command("${name}", { create: 'echo $$ >$D/${name}.pid; sh -c "echo ` +
  `\\\\$\\\\$ >$D/${name}-child.pid; sleep 600"; true', environment: { D: data } });`;

const pid = (name: string): number => Number(readFileSync(join(project.data, `${name}.pid`), "utf8"));
const written = (name: string): boolean => existsSync(join(project.data, `${name}.pid`)) && pid(name) > 0;

function isRunning(id: number): boolean {
  try {
    return !/^\d+ \(.*\) Z /.test(readFileSync(`/proc/${id}/stat`, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT" || (error as NodeJS.ErrnoException).code === "ESRCH")
      return false;
    throw error;
  }
}

test("an interrupted up ends its commands with all their children, and the next up starts afresh", async () => {
  project.program(waiting("interrupted"));
  const { pid: pulumi, done } = project.start(...UP);
  await eventually("the command's child runs", () => written("interrupted-child"));
  process.kill(pulumi, "SIGINT");
  const { code, output } = await done;
  expect(code).not.toBe(0);
  expect(output).toContain("cancelled (signal: SIGTERM)");
  await eventually("the command is gone", () => !isRunning(pid("interrupted")) && !isRunning(pid("interrupted-child")));
  project.program('new command.local.Command("interrupted", { create: "true" });');
  await project.succeed(...UP);
});

test("a killed pulumi takes its plugins and their commands with it", async () => {
  project.program(waiting("killed"));
  const { pid: pulumi, done } = project.start(...UP);
  await eventually("the command's child runs", () => written("killed-child"));
  process.kill(pulumi, "SIGKILL");
  await done;
  await eventually("the command is gone", () => !isRunning(pid("killed")) && !isRunning(pid("killed-child")));
  await project.succeed("cancel", "--yes");
  project.program("");
  await project.succeed(...UP);
});

test("an interrupted provider is told, and cleans up", async () => {
  project.program(
    'const provider = new example.Provider("p", { directory: data }); new ' +
      'example.File("hanging", { name: "hanging", trouble: "hangs" }, { provider });',
  );
  const { pid: pulumi, done } = project.start(...UP);
  await eventually("the provider waits", () => existsSync(join(project.data, "hanging.waiting")));
  process.kill(pulumi, "SIGINT");
  expect((await done).output).toContain("stopped");
  expect(existsSync(join(project.data, "hanging.stopped"))).toBe(true);
});

test("a failed command tells its exit status, itself and its output, but no secret", async () => {
  project.program(
    `new command.local.Command("f", { create: 'echo seen; cat >&2; exit 7', stdin: pulumi.secret("hush-hush-hush") });`,
  );
  const output = await project.fail(...UP);
  expect(output).toContain(`exit status 7: running "echo seen; cat >&2; exit 7":\n`);
  // In the order in which the two streams came.
  expect(output).toContain("seen");
  expect(output).toContain("[secret]");
  expect(output).not.toContain("hush-hush-hush");
  expect(output).not.toMatch(/\n\s+at /);
});

test("a program that throws fails the preview with its message", async () => {
  project.program('throw new Error("not with this configuration");');
  expect(await project.fail("preview")).toContain("not with this configuration");
});

test("a program that cannot be loaded fails the preview", async () => {
  project.program('await import("./nowhere.ts");');
  expect(await project.fail("preview")).toContain("nowhere.ts");
});

test("what the stand-in for the command plugin lacks is refused by name", async () => {
  project.program('new command.local.Command("f", { create: "true", assetPaths: ["*"] });');
  expect(await project.fail("preview")).toContain("assetPaths: is not supported by this stand-in");
  project.program('new command.remote.Command("f", { create: "true", connection: { host: "server.example.net" } });');
  expect(await project.fail("preview")).toContain(
    "command 1.2.1 has no resource command:remote:Command; it has: command:local:Command",
  );
});
