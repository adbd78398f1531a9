/** Cloud-init and commands through their whole life. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Project } from "./project.ts";

let project: Project;
beforeAll(async () => {
  project = await Project.create();
});
afterAll(() => project.dispose());

const log = (): string => readFileSync(join(project.data, "log"), "utf8");

/** A secret user-data text that goes through a command which logs what is done to it. */
const program = ({ user = "storage", trigger = 1, greeting = "hello" } = {}): string => `
  const userData = new cloudinit.Config("user-data", {
    gzip: false,
    base64Encode: false,
    parts: [{
      contentType: "text/cloud-config",
      content: pulumi.secret("#cloud-config\\nusers: [${user}]\\npassword: hush-hush-hush\\n"),
    }],
  });
  const greeter = new command.local.Command("greeter", {
    create: "echo create >>$LOG; echo ${greeting}; echo careful >&2",
    update: 'echo "update after $PULUMI_COMMAND_STDOUT" >>$LOG; echo ${greeting}',
    delete: 'echo "delete after $PULUMI_COMMAND_STDOUT" >>$LOG',
    environment: { LOG: data + "/log" },
    triggers: [${trigger}],
  });
  const keeper = new command.local.Command("keeper", { create: "cat", stdin: userData.rendered, logging: "none" }, {
    additionalSecretOutputs: ["stdout", "stderr"],
  });
  export const rendered = userData.rendered;
  export const said = greeter.stdout;
  export const kept = keeper.stdout;
`;

test("a preview of the first up knows what can be known", async () => {
  project.program(program());
  const steps = await project.preview();
  expect([...steps].map(([name, { op }]) => `${op} ${name}`).sort()).toEqual([
    "create engine-test",
    "create greeter",
    "create keeper",
    "create user-data",
  ]);
  const shown = await project.succeed("preview", "--diff");
  expect(shown.output).not.toContain("hush-hush-hush");
  expect(existsSync(join(project.data, "log"))).toBe(false);
});

test("up creates everything, and shows no secret", async () => {
  const { output } = await project.succeed("up", "--yes", "--skip-preview");
  expect(output).toContain("4 created");
  expect(output).not.toContain("hush-hush-hush");
  const state = await project.state();
  expect(state.get("greeter")?.outputs).toMatchObject({
    stdout: "hello",
    stderr: "careful",
    triggers: [1],
  });
  const rendered = JSON.parse((await project.succeed("stack", "output", "--json", "--show-secrets")).stdout) as {
    rendered: string;
    kept: string;
  };
  expect(rendered.rendered).toBe(
    [
      'Content-Type: multipart/mixed; boundary="MIMEBOUNDARY"\nMIME-Version: ' +
        "1.0\r\n\r\n--MIMEBOUNDARY\r\nContent-Transfer-Encoding: 7bit\r\n",
      "Content-Type: text/cloud-config\r\nMime-Version: 1.0\r\n\r\n#cloud-config\nusers: " +
        "[storage]\npassword: hush-hush-hush\n\r\n--MIMEBOUNDARY--\r\n",
    ].join(""),
  );
  expect(rendered.kept).toBe(rendered.rendered.replace(/\n$/, ""));
});

test("secrets are nowhere in the stored state", () => {
  expect(project.stored()).toContain("user-data");
  expect(project.stored()).not.toContain("hush-hush-hush");
  expect(project.stored()).not.toContain(Buffer.from("hush-hush-hush").toString("base64").slice(0, 16));
});

test("a second preview, a refresh and an up change nothing", async () => {
  await project.succeed("preview", "--expect-no-changes");
  await project.succeed("refresh", "--yes", "--skip-preview", "--expect-no-changes");
  expect((await project.succeed("up", "--yes", "--skip-preview")).output).toContain("4 unchanged");
  expect(log()).toBe("create\n");
});

test("a changed command is run by its update, with the output of the last run at hand", async () => {
  project.program(program({ greeting: "good day" }));
  const steps = await project.preview();
  expect(Object.keys(steps.get("greeter")?.detailedDiff ?? {})).toEqual(["create", "update"]);
  await project.succeed("up", "--yes", "--skip-preview");
  expect(log()).toBe("create\nupdate after hello\n");
  expect((await project.state()).get("greeter")?.outputs).toMatchObject({ stdout: "good day", stderr: "" });
});

test("a changed part is known in the preview, down to the command that reads it", async () => {
  project.program(program({ greeting: "good day", user: "operator" }));
  const steps = await project.preview("--show-secrets");
  expect(steps.get("user-data")).toMatchObject({ op: "update" });
  expect(Object.keys(steps.get("user-data")?.detailedDiff ?? {})).toEqual(["parts[0].content"]);
  expect(Object.keys(steps.get("keeper")?.detailedDiff ?? {})).toEqual(["stdin"]);
  await project.succeed("up", "--yes", "--skip-preview");
  await project.succeed("preview", "--expect-no-changes");
});

test("changed triggers replace: the new command runs, then the old one's delete", async () => {
  project.program(program({ greeting: "good day", user: "operator", trigger: 2 }));
  const { stdout } = await project.succeed("preview", "--json");
  expect((JSON.parse(stdout) as { changeSummary: object }).changeSummary).toMatchObject({ replace: 1 });
  await project.succeed("up", "--yes", "--skip-preview");
  expect(log()).toBe("create\nupdate after hello\ncreate\ndelete after good day\n");
});

test("destroy runs what was declared for it and leaves nothing", async () => {
  await project.succeed("destroy", "--yes", "--skip-preview");
  expect(log()).toMatch(/delete after good day\ndelete after good day\n$/);
  expect((await project.state()).size).toBe(0);
});
