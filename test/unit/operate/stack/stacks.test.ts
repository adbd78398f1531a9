import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { makeInventory } from "../../../../src/inventory/makeInventory.ts";
import { keepLastGood } from "../../../../src/operate/stack/lastGood.ts";
import { knownStacks } from "../../../../src/operate/stack/stacks.ts";
import { planOf } from "../../render/sample.ts";

const inventory = makeInventory(planOf());
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "kvm-mirror-stacks-"));
  vi.stubEnv("PATH", `${directory}:${process.env.PATH}`);
  vi.stubEnv("XDG_STATE_HOME", join(directory, "state"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

/** A `pulumi` that does this; first on PATH. */
function pulumi(does: string): void {
  writeFileSync(join(directory, "pulumi"), `#!/bin/bash\n${does}\n`);
  chmodSync(join(directory, "pulumi"), 0o755);
}

it("are those of Pulumi's backend", () => {
  keepLastGood(inventory);
  pulumi(`[ "$*" = "stack ls --json --non-interactive" ] &&
    echo '[{"name":"staging","current":true,"updateInProgress":false},{"name":"example/kvm-mirror/production"}]'`);
  expect(knownStacks()).toEqual({ names: ["staging", "example/kvm-mirror/production"] });
});

it("are those whose inventory this machine keeps, where Pulumi does not say", () => {
  pulumi("echo 'error: could not list: no route to host' >&2; echo more >&2; exit 255");
  expect(knownStacks()).toEqual({ names: [], why: "could not list: no route to host" });
  keepLastGood({ ...inventory, stack: "production" });
  expect(knownStacks()).toEqual({ names: ["production"], why: "could not list: no route to host" });
});
