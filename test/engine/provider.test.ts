/** The serving code under the real engine, seen through a small provider of files. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Project } from "./project.ts";

let project: Project;
beforeAll(async () => {
  project = await Project.create();
  mkdirSync(join(project.data, "other"));
});
afterAll(() => project.dispose());

const on = (name: string): string => join(project.data, name);
const content = (name: string): string => (JSON.parse(readFileSync(on(name), "utf8")) as { content: string }).content;

/**
 * `files`: the program's resources, with `inside` as the option that
 * names their provider. Every test has names of its own:
 * what an earlier one left is deleted by the next up.
 */
const program = (files: string, directory = "data"): string => `
  const provider = new example.Provider("files", { directory: ${directory}, token: "t0ken-t0ken" });
  const inside = { provider };
  ${files}
`;
const up = (...args: string[]) => project.succeed("up", "--yes", "--skip-preview", ...args);

test("mistakes are told all at once, in the preview, with their places", async () => {
  project.program(
    program(
      `new example.File("f", { name: "Bad Name", tags: [{ key: "a" } as never, { key: "b", ` +
        `value: "c", colour: "red" } as never], size: 3 } as never, inside);`,
    ),
  );
  const output = await project.fail("preview");
  expect(output).toContain(
    "property name value {Bad Name} has a problem: Invalid string: must match pattern /^[a-z0-9-]+$/",
  );
  expect(output).toContain("tags[0].value: is required (string)");
  expect(output).toContain("tags[1].colour: there is no such property");
  expect(output).toContain("property size value {3} has a problem: there is no such property");
  expect(output).not.toMatch(/\n\s+at /);
});

test("mistakes in the provider's arguments are told too", async () => {
  project.program(`new example.Provider("files", { director: "/" } as never);`);
  const output = await project.fail("preview");
  expect(output).toContain("directory: is required (string)");
  expect(output).toContain("director value {/} has a problem: there is no such property");
});

test("defaults and known outputs are in the preview; a change of content is exact to the leaf", async () => {
  const file = (text: string, value: string): string =>
    program(`
      const tags = [{ key: "a", value: "1" }, { key: "b", value: "${value}" }];
      const exact = new example.File("exact", { name: "exact", content: "${text}", tags }, inside);
      export const { bytes, path } = exact;
    `);
  project.program(file("four", "2"));
  const first = await project.succeed("preview", "--diff");
  expect(first.output).toMatch(/trouble *: "none"/);
  expect(first.output).toMatch(/bytes: 4\n *path *: \[unknown\]/);
  await up();
  await project.succeed("preview", "--expect-no-changes");
  project.program(file("five5", "3"));
  const step = (await project.preview()).get("exact");
  expect(step).toMatchObject({
    op: "update",
    detailedDiff: { content: { kind: "update" }, "tags[1].value": { kind: "update" } },
  });
  expect(Object.keys(step?.detailedDiff ?? {}).length).toBe(2);
  const second = await up();
  expect(second.output).toMatch(/~ bytes: 4 => 5\n *path *: ".*exact"/);
  expect(content("exact")).toBe("five5");
});

test("a rule against the inputs so far refuses", async () => {
  project.program(program(`new example.File("grows", { name: "grows", content: "four" }, inside);`));
  await up();
  project.program(program(`new example.File("grows", { name: "grows", content: "two" }, inside);`));
  expect(await project.fail("preview")).toContain(
    "property content value {two} has a problem: must not shrink (from 4 to 3 characters)",
  );
});

test("what cannot change in place is deleted first, then made anew", async () => {
  project.program(program(`new example.File("renamed", { name: "before" }, inside);`));
  await up();
  project.program(program(`new example.File("renamed", { name: "after" }, inside);`));
  const shown = await project.succeed("preview", "--diff");
  expect(shown.output).toMatch(/name *: "before" => "after"/);
  await up();
  expect([existsSync(on("before")), existsSync(on("after"))]).toEqual([false, true]);
});

test("ignoreChanges keeps the old value", async () => {
  project.program(program(`new example.File("ignored", { name: "ignored", content: "first" }, inside);`));
  await up();
  project.program(
    program(
      `new example.File("ignored", { name: "ignored", content: "second" }, { ...inside, ignoreChanges: ["content"] });`,
    ),
  );
  await project.succeed("preview", "--expect-no-changes");
});

test("drift: a changed file is mended, a missing one made again", async () => {
  project.program(
    program(
      `new example.File("drifting", { name: "drifting", content: "right" }, ` +
        `inside); new example.File("lost", { name: "lost" }, inside);`,
    ),
  );
  await up();
  writeFileSync(on("drifting"), JSON.stringify({ content: "wrong", tags: [] }));
  rmSync(on("lost"));
  const steps = await project.preview("--refresh");
  expect(steps.get("drifting")).toMatchObject({ op: "update", detailedDiff: { content: { kind: "update" } } });
  expect(steps.get("lost")).toMatchObject({ op: "create" });
  await up("--refresh");
  expect([content("drifting"), content("lost")]).toEqual(["right", "empty"]);
  await project.succeed("refresh", "--yes", "--skip-preview", "--expect-no-changes");
});

test("an existing object is imported, and the program that describes it changes nothing", async () => {
  writeFileSync(on("old"), JSON.stringify({ content: "found", tags: [] }));
  project.program(program(""));
  await up();
  const { stdout } = await project.succeed("stack", "export");
  const provider = (
    JSON.parse(stdout) as { deployment: { resources: { type: string; urn: string }[] } }
  ).deployment.resources.find(({ type }) => type === "pulumi:providers:example");
  await project.succeed(
    "import",
    "example:index:File",
    "old",
    "old",
    "--provider",
    `files=${provider?.urn}`,
    "--generate-code=false",
    "--yes",
    "--skip-preview",
    "--protect=false",
  );
  expect((await project.state()).get("old")).toMatchObject({ id: "old", inputs: { name: "old", content: "found" } });
  project.program(program(`new example.File("old", { name: "old", content: "found" }, inside);`));
  await project.succeed("preview", "--expect-no-changes");
  expect(
    await project.fail(
      "import",
      "example:index:File",
      "none",
      "none",
      "--provider",
      `files=${provider?.urn}`,
      "--generate-code=false",
      "--yes",
      "--skip-preview",
    ),
  ).toContain("does not exist");
});

test("a failure says why in one line; the rest of the stack is untouched by it", async () => {
  project.program(
    program(
      `new example.File("failing", { name: "failing", content: ` +
        `pulumi.secret("hush-hush-hush"), trouble: "fails" }, inside);`,
    ),
  );
  const output = await project.fail("up", "--yes", "--skip-preview");
  expect(output).toContain("the disk refused [secret]");
  expect(output).toContain("writing [secret]");
  expect(output).not.toContain("hush-hush-hush");
  expect(output).not.toMatch(/\n\s+at /);
});

test("what was made before a failure is kept, and the next up goes on from there", async () => {
  const file = (trouble: string): string =>
    program(
      `new example.File("half", { name: "half", content: ` +
        `pulumi.secret("hush-hush-hush"), trouble: "${trouble}" }, inside);`,
    );
  project.program(file("half"));
  expect(await project.fail("up", "--yes", "--skip-preview")).toContain("written, but not flushed");
  expect((await project.state()).get("half")).toMatchObject({ id: "half" });
  expect(project.stored()).not.toContain("hush-hush-hush");
  await project.succeed("up", "--yes", "--skip-preview");
  await project.succeed("preview", "--expect-no-changes");
});

test("customTimeouts end a call that takes too long", async () => {
  project.program(
    program(
      `new example.File("slow", { name: "slow", trouble: "hangs" }, { ...inside, customTimeouts: { create: "1s" } });`,
    ),
  );
  expect(await project.fail("up", "--yes", "--skip-preview")).toContain("timed out after 1 s: stopped");
  expect(existsSync(on("slow.stopped"))).toBe(true);
});

test("a provider that points elsewhere takes its resources there", async () => {
  project.program(program(`new example.File("moved", { name: "moved" }, inside);`));
  await up();
  project.program(program(`new example.File("moved", { name: "moved" }, inside);`, 'data + "/other"'));
  await up();
  expect([existsSync(on("moved")), existsSync(on("other/moved"))]).toEqual([false, true]);
});

test("a provider whose arguments are not known yet comes through", async () => {
  project.program(
    `const where = new command.local.Command("where", { create: "mkdir -p ` +
      `$D/made; printf %s $D/made", environment: { D: data } });` +
      program(
        `new example.File("made", { name: "made", content: where.stdout.apply((text) => text.slice(-4)) }, inside);`,
        "where.stdout",
      ),
  );
  expect((await project.preview()).get("made")?.op).toBe("create");
  await up();
  expect(content("made/made")).toBe("made");
  await project.succeed("preview", "--expect-no-changes");
});

test("a provider's secret argument is encrypted in the state", async () => {
  project.program(program(""));
  await up();
  expect(project.stored()).not.toContain("t0ken-t0ken");
});
