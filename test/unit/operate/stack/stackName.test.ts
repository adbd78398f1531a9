import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { repository } from "../../../../src/operate/stack/pulumiCommand.ts";
import { stackName } from "../../../../src/operate/stack/stackName.ts";
import { Refused } from "../../../../src/refused.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "kvm-mirror-stack-"));
  vi.stubEnv("PATH", `${directory}:${process.env.PATH}`);
  vi.stubEnv("PULUMI_STACK", undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

function pulumi(does: string): void {
  writeFileSync(
    join(directory, "pulumi"),
    `#!/bin/bash\nprintf '%s ' "$@" >${directory}/asked\npwd >>${directory}/asked\n${does}\n`,
  );
  chmodSync(join(directory, "pulumi"), 0o755);
}

describe("the stack that a command is about", () => {
  it("is the one that is named", () => {
    vi.stubEnv("PULUMI_STACK", "staging");
    expect(stackName("production")).toBe("production");
  });

  it("is PULUMI_STACK where none is named", () => {
    pulumi("exit 1");
    vi.stubEnv("PULUMI_STACK", "staging");
    expect(stackName(undefined)).toBe("staging");
  });

  it("is else the one that Pulumi has selected for this repository", () => {
    pulumi("echo production");
    expect(stackName(undefined)).toBe("production");
    expect(readFileSync(join(directory, "asked"), "utf8")).toBe(
      `stack --show-name --non-interactive ${repository.slice(0, -1)}\n`,
    );
  });

  it.each([
    [
      "none is selected",
      "echo 'error: no stack selected; please use `pulumi stack select`' >&2; exit 255",
      "no stack selected",
    ],
    ["the backend is away", "echo 'error: no route to host' >&2; exit 255", "no route to host"],
  ])("must be named where %s", (_, does, why) => {
    pulumi(does);
    expect(() => stackName(undefined)).toThrow(Refused);
    expect(() => stackName(undefined)).toThrow(why);
    expect(() => stackName(undefined)).toThrow(
      "say --stack <env>, or set PULUMI_STACK, or `pulumi stack select <env>`",
    );
    expect(() => stackName(undefined)).toThrow("production");
  });

  it("must be named where there is no Pulumi", () => {
    vi.stubEnv("PATH", directory);
    expect(() => stackName(undefined)).toThrow("there is no `pulumi` on PATH");
  });
});
