/** What must hold in the pipelines of pull and merge requests; their syntax is for actionlint (npm run lint). */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const read = (path: string): string => readFileSync(`${root}${path}`, "utf8");
const { scripts, dependencies } = JSON.parse(read("package.json")) as {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
};

type Job = Readonly<Record<string, unknown>>;
interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
const stepsOf = (job: Job): readonly Step[] => (job["steps"] as readonly Step[] | undefined) ?? [];

/** Each npm script and each file that a command line names. */
function expectThere(command: string): void {
  for (const [, script = ""] of command.matchAll(/npm run (\S+)/g)) expect(Object.keys(scripts)).toContain(script);
  for (const [, file = ""] of command.matchAll(/\b(?:bash|node) (\.?[a-z][\w./-]*)/g))
    expect(existsSync(`${root}${file}`), file).toBe(true);
}

const workflows = readdirSync(`${root}.github/workflows`).map((file) => `.github/workflows/${file}`);
describe.each(workflows)("%s", (file) => {
  const workflow = parse(read(file)) as { readonly on: unknown; readonly jobs: Readonly<Record<string, Job>> };
  const jobs = Object.entries(workflow.jobs);

  it("runs commands that are there", () => {
    const commands = jobs.flatMap(([, job]) => stepsOf(job).flatMap(({ run }) => run ?? []));
    expect(commands.length).toBeGreaterThan(0);
    commands.forEach(expectThere);
  });

  it("uses actions by commit, with the version beside it", () => {
    const lines = read(file)
      .split("\n")
      .filter((line) => /\buses:/.test(line));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).toMatch(/uses: [\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it("never runs with the rights of the repository for somebody else's code", () => {
    expect(JSON.stringify(workflow.on)).not.toMatch(/pull_request_target|workflow_run|issue_comment/);
  });

  it("gives secrets, and a machine of ours, to no fork, and only behind an environment", () => {
    const trusted = jobs.filter(([, job]) => /\bsecrets\.|self-hosted/.test(JSON.stringify(job)));
    expect(trusted.map(([name]) => name)).toEqual(["preview"]);
    for (const [, job] of trusted) {
      expect(job["environment"]).toBe("${{ matrix.stack }}");
      expect(job["if"]).toContain("&& github.event.pull_request.head.repo.full_name == github.repository");
      expect(job["if"]).not.toContain("||");
    }
  });

  it("previews with Pulumi's version of this repository, the policy, and one comment that is edited in place", () => {
    const previews = jobs.flatMap(([, job]) => stepsOf(job).filter(({ uses }) => uses?.startsWith("pulumi/actions@")));
    expect(previews.map(({ with: inputs }) => inputs)).toEqual([
      expect.objectContaining({
        ...{ command: "preview", diff: true, refresh: true, policyPacks: "policy" },
        ...{ "comment-on-pr": true, "edit-pr-comment": true },
        "pulumi-version": dependencies["@pulumi/pulumi"],
      }),
    ]);
  });
});

describe(".gitlab/merge-request.yml", () => {
  const pipeline = parse(read(".gitlab/merge-request.yml")) as Readonly<Record<"test" | "preview", Job>>;
  const commandsOf = (job: Job): readonly string[] => job["script"] as readonly string[];

  it("runs the same commands as GitHub's, and such as are there", () => {
    const github = parse(read(".github/workflows/pull-request.yml")) as { readonly jobs: { readonly test: Job } };
    const ofGithub = stepsOf(github.jobs.test).flatMap(({ run }) => run ?? []);
    const firstWords = (command: string): string => command.split(' "')[0] ?? "";
    expect(commandsOf(pipeline.test).map(firstWords)).toEqual(ofGithub.map(firstWords));
    [...commandsOf(pipeline.test), ...commandsOf(pipeline.preview)].forEach(expectThere);
  });

  it("previews behind an environment, on a machine of ours, and not for forks", () => {
    const { preview, test } = pipeline;
    expect(preview["environment"]).toMatchObject({ name: "$STACK" });
    expect(preview["rules"]).toEqual([
      {
        if:
          '$CI_PIPELINE_SOURCE == "merge_request_event" && ' + "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID",
      },
    ]);
    expect([test["tags"], test["environment"]]).toEqual([undefined, undefined]);
  });

  it("fails when the preview does, after it was shown", () => {
    const [preview, ...after] = commandsOf(pipeline.preview);
    expect(preview).toContain("|| status=$?");
    expect(after.at(-1)).toBe('exit "${status:-0}"');
  });
});
