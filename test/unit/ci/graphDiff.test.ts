import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";

let directory: string;
const git = (...args: string[]): string =>
  execFileSync("git", ["-C", directory, "-c", "user.name=t", "-c", "user.email=t@example.net", ...args], {
    encoding: "utf8",
  }).trim();
const diff = (base: string) => spawnSync("bash", [join(directory, "test/graph/diff.sh"), base], { encoding: "utf8" });

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "kvm-mirror-graph-"));
  for (const folder of ["test/graph/expected", "stacks"]) mkdirSync(join(directory, folder), { recursive: true });
  copyFileSync(new URL("../../graph/diff.sh", import.meta.url), join(directory, "test/graph/diff.sh"));
  writeFileSync(join(directory, "test/graph/expected/lab.json"), '{ "size": 1 }\n');
  git("init", "--quiet");
  git("add", ".");
  git("commit", "--quiet", "--message", "base");
});
afterEach(() => rmSync(directory, { recursive: true }));

it("shows what a change does to an environment's resources, since a commit", () => {
  const base = git("rev-parse", "HEAD");
  expect(diff(base).stdout).toContain("Nothing: no resource of a stack file changes.");
  writeFileSync(join(directory, "test/graph/expected/lab.json"), '{ "size": 2 }\n');
  writeFileSync(join(directory, "elsewhere"), "no resource\n");
  git("add", ".");
  git("commit", "--quiet", "--message", "change");
  const { stdout, status } = diff(base);
  expect(status).toBe(0);
  expect(stdout).toContain("~~~~diff\ndiff --git a/test/graph/expected/lab.json");
  expect(stdout).toContain('-{ "size": 1 }\n+{ "size": 2 }\n~~~~\n');
  expect(stdout).not.toContain("elsewhere");
});

it("takes nothing but a commit, and fails where that is not there", () => {
  expect(diff("--output=/tmp/x").status).toBe(2);
  expect(diff("0".repeat(40)).status).not.toBe(0);
});
