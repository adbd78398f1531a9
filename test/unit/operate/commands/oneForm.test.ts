import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { repository } from "../../../../src/operate/stack/pulumiCommand.ts";

/** Lines of the repository's files below some paths that match. */
function linesWith(pattern: RegExp, ...paths: readonly string[]): readonly string[] {
  const files = execFileSync("git", ["ls-files", "-z", "--", ...paths], { cwd: repository, encoding: "utf8" });
  return files.split("\0").flatMap((file) =>
    file === "" || /^docs\/(measured\/|getting-started\.md)/.test(file) || !existsSync(repository + file)
      ? []
      : readFileSync(repository + file, "utf8")
          .split("\n")
          .filter((line) => pattern.test(line))
          .map((line) => `${file}: ${line.trim()}`),
  );
}

describe("what somebody is told to type", () => {
  it("is kvm-mirror, the form that works on every site", () => {
    const npm = /npm run (-s )?(status|inventory|switch|failover|recover|maintain|client|disk-xml)\b/;
    expect(linesWith(npm, "src", "scripts", "cloud-init", "torture", "simulator", "docs")).toEqual([]);
  });
});

describe("src", () => {
  it("knows nothing of the lab", () => expect(linesWith(/\blab\b/i, "src")).toEqual([]));
});
