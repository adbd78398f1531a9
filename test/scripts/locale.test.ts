/** Words of localised programs are read as facts: every script has to ask for them in C. */
import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { scriptCommand } from "../../plugins/libvirt/host/scriptText.ts";

const scripts = resolve(import.meta.dirname, "../../scripts");
const text = (file: string) => readFileSync(`${scripts}/${file}`, "utf8");
/** The files whose first lines set it for whoever sources them. */
const setters = ["host/lib/say.sh", "guest/lib/base.sh", "operator/lib/mirror-ssh.sh"];
const sets = (script: string) => /^\s*export (?:.* )?LC_ALL=C\b/m.test(script);

describe("every script speaks C, whatever the machine's language is", () => {
  test.each(setters)("%s sets it", (file) => {
    expect(sets(text(file))).toBe(true);
  });

  // Scripts that are run, and those of lib/ that are sent to another machine as a whole.
  const run = ["*/*.sh", "guest/ocf/*", "operator/lib/receive-*.sh", "operator/lib/cloud-init-result.sh"].flatMap(
    (pattern) => globSync(pattern, { cwd: scripts }),
  );
  test("there are scripts to look at", () => expect(run.length).toBeGreaterThan(60));
  test.each(run)("%s", (file) => {
    const script = text(file);
    expect(sets(script) || /^\. "\$.*\/lib\/(base|say|mirror-ssh)\.sh"$/m.test(script)).toBe(true);
  });

  test("the provider's scripts on KVM hosts", () => {
    expect(scriptCommand({ script: "read-domain" })).toContain("LC_ALL=C");
  });
});
