/**
 * A stack that the official command plugin has made goes on with the stand-in, and the other way round.
 * recorded/official-command.json is `pulumi stack export` after an `up` of the program below with the official CLI
 * 3.259.0, its language host and its command plugin 1.2.1.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Project } from "./project.ts";
import { REPOSITORY } from "./toolchain.ts";

interface Resource {
  readonly urn: string;
  readonly type: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  readonly additionalSecretOutputs?: readonly string[];
}
interface Exported {
  readonly deployment: { readonly resources: readonly Resource[] };
}

const RECORDED = join(REPOSITORY, "test/engine/recorded/official-command.json");
const PROGRAM = `
  new command.local.Command("plain", {
    create: "echo made", delete: 'echo "after $PULUMI_COMMAND_STDOUT" >>../data/log',
  });
  new command.local.Command("kept-secret", {
    create: "cat; cat >&2 </dev/null", stdin: pulumi.secret("hush-hush-hush"), addPreviousOutputInEnv: false,
  }, { additionalSecretOutputs: ["stdout", "stderr"] });
  new command.local.Command("not-kept-secret", { create: "echo shown", stdin: pulumi.secret("hush-hush-hush") });
  new command.local.Command("triggered", {
    create: "echo $WORD; echo careful >&2", environment: { WORD: "said" }, triggers: [1, { a: "b" }], logging: "stdout",
  });
  new command.local.Command("nothing-to-do", { delete: "true" });
`;

let project: Project;
beforeAll(async () => {
  project = await Project.create();
  project.program(PROGRAM);
});
afterAll(() => project.dispose());

/** The commands in an export, without what is another one each time: ids, times, ciphertexts. */
function commands(exported: Exported): object {
  const known = exported.deployment.resources.filter(({ type }) => type === "command:local:Command");
  return Object.fromEntries(
    known.map(({ urn, inputs, outputs, additionalSecretOutputs }) => [
      urn.split("::").at(-1),
      { inputs: sealed(inputs), outputs: sealed(outputs), additionalSecretOutputs },
    ]),
  );
}

function sealed(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? {}), (key, inner: unknown) => (key === "ciphertext" ? "…" : inner));
}

const exported = async (): Promise<Exported> => JSON.parse((await project.succeed("stack", "export")).stdout);

test("what the official plugin has left is refreshed, previewed and destroyed", async () => {
  const recorded = readFileSync(RECORDED, "utf8");
  expect(recorded).toContain('"__pulumi-go-provider-version"');
  await project.succeed("stack", "import", "--file", RECORDED);
  await project.succeed("preview", "--expect-no-changes");
  await project.succeed("preview", "--refresh", "--expect-no-changes");
  await project.succeed("refresh", "--yes", "--skip-preview", "--expect-no-changes");
  await project.succeed("up", "--yes", "--skip-preview", "--expect-no-changes");
  expect(commands(await exported())).toEqual(commands(JSON.parse(recorded) as Exported));
  await project.succeed("destroy", "--yes", "--skip-preview");
  expect(readFileSync(join(project.data, "log"), "utf8")).toBe("after made\n");
});

test("the stand-in leaves in the state what the official plugin would, secrets included", async () => {
  await project.succeed("up", "--yes", "--skip-preview");
  expect(commands(await exported())).toEqual(commands(JSON.parse(readFileSync(RECORDED, "utf8")) as Exported));
});

test("what is to be secret from now on is encrypted by the next up, which runs nothing for it", async () => {
  const stdout = async (): Promise<unknown> =>
    (await exported()).deployment.resources.find(({ urn }) => urn.endsWith("::not-kept-secret"))?.outputs?.stdout;
  expect(await stdout()).toBe("shown");
  const given = 'create: "echo shown", stdin: pulumi.secret("hush-hush-hush") }';
  expect(PROGRAM).toContain(given);
  project.program(PROGRAM.replace(given, `${given}, { additionalSecretOutputs: ["stdout", "stderr"] }`));
  await project.succeed("up", "--yes", "--skip-preview", "--expect-no-changes");
  expect(await stdout()).toMatchObject({ ciphertext: expect.stringMatching(/^v1:/) });
});
