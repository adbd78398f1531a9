import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stackPlan } from "../../../../src/operate/stack/stackPlan.ts";
import { knownStacks } from "../../../../src/operate/stack/stacks.ts";
import { Refused } from "../../../../src/refused.ts";
import { sample } from "../../config/sample.ts";

const path = process.env.PATH ?? "";
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "pulumi-"));
  process.env.PATH = `${directory}:${path}`;
});
afterEach(() => {
  process.env.PATH = path;
  rmSync(directory, { recursive: true });
});

/** A pulumi that prints the sample's values, and does this beside it. */
function play(beside: string): void {
  const values = Object.entries(sample).map(([key, value]) => [
    `kvm-mirror:${key}`,
    { value: typeof value === "string" ? value : JSON.stringify(value), secret: key === "secret" },
  ]);
  writeFileSync(join(directory, "values"), JSON.stringify(Object.fromEntries(values)));
  writeFileSync(join(directory, "pulumi"), `#!/bin/sh\ncat '${directory}/values'\n${beside}\n`);
  chmodSync(join(directory, "pulumi"), 0o755);
}

describe("the plan of a stack file", () => {
  it("is none where the command is about a MirrorPair in another program", async () => {
    play("true");
    process.env.KVM_MIRROR_PROGRAM = "/srv/shop";
    try {
      await expect(stackPlan("prod.storage")).rejects.toThrow(Refused);
      expect(knownStacks).toThrow("stands in the program in /srv/shop (KVM_MIRROR_PROGRAM)");
    } finally {
      delete process.env.KVM_MIRROR_PROGRAM;
    }
  });

  it("is made of what Pulumi prints, whatever it says beside it", async () => {
    play("echo 'warning: A new version of Pulumi is available.' >&2");
    const plan = await stackPlan("organisation/kvm-mirror/unit");
    expect(plan.owner).toBe("kvm-mirror/unit");
    expect(plan.hosts.map(({ pool }) => pool)).toEqual(["default", "fast"]);
  });

  it("says why Pulumi does not tell it, and no secret", async () => {
    play("echo 'error: passphrase must be set' >&2; exit 255");
    await expect(stackPlan("unit")).rejects.toThrow(/^error: passphrase must be set$/);
  });
});
