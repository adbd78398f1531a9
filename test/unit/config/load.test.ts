import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it } from "vitest";
import { loadConfig } from "../../../src/config/load.ts";
import { type Changes, changed, publicKey } from "./sample.ts";

/** What Pulumi hands over: text as it is, everything else as JSON. */
function give(changes: Changes, more: Record<string, string> = {}): void {
  const given = Object.entries(changed(changes)).map(([key, value]) => [
    `kvm-mirror:${key}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  pulumi.runtime.setAllConfig({ ...Object.fromEntries(given), ...more }, ["kvm-mirror:secret"]);
}

let home: string;

beforeEach(async () => {
  await pulumi.runtime.setMocks(
    { newResource: ({ name, inputs }) => ({ id: name, state: inputs }), call: ({ inputs }) => inputs },
    "kvm-mirror",
    "unit",
    false,
  );
  home = mkdtempSync(join(tmpdir(), "kvm-mirror-"));
  process.env["HOME"] = home;
  return () => rmSync(home, { recursive: true });
});

describe("loadConfig", () => {
  it("reads every key of the project, and nothing of others", () => {
    give({ allowSameHost: true, bootDeadline: 600 }, { "libvirt:uri": "qemu:///system" });
    const { allowSameHost, bootDeadline, volumes } = loadConfig();
    expect({ allowSameHost, bootDeadline, volumes: Object.keys(volumes) }).toEqual({
      allowSameHost: true,
      bootDeadline: 600,
      volumes: ["r0", "r1"],
    });
  });

  it("takes a secret of digits for text", () => {
    const digits = "31415926535897932384626433832795028841971693993751058209749445923";
    give({ secret: digits });
    expect(loadConfig().secret).toBe(digits);
  });

  it("refuses keys that it does not know", () => {
    give({}, { "kvm-mirror:bootDeadlin": "600" });
    expect(loadConfig).toThrowErrorMatchingInlineSnapshot(`
      [ConfigError: The stack's configuration has one mistake; nothing was changed.
        - kvm-mirror:bootDeadlin: is no key (did you mean "bootDeadline"?)]
    `);
  });

  it("adds the keys of a file to the written ones", () => {
    writeFileSync(join(home, "keys.pub"), `# mine\n\n${publicKey}\n`);
    give({ ssh: { authorizedKeysFile: "~/keys.pub" } });
    expect(loadConfig().ssh.authorizedKeys).toEqual([publicKey]);
    give({ ssh: { authorizedKeys: [publicKey], authorizedKeysFile: join(home, "keys.pub") } });
    expect(loadConfig().ssh.authorizedKeys).toEqual([publicKey, publicKey]);
  });

  it("says which file of keys is missing or has none, together with other mistakes", () => {
    give({ ssh: { authorizedKeysFile: "~/keys.pub" }, "volumes.r0.size": "1" });
    expect(loadConfig).toThrowErrorMatchingInlineSnapshot(`
      [ConfigError: The stack's configuration has 2 mistakes; nothing was changed.
        - kvm-mirror:ssh.authorizedKeysFile = "~/keys.pub": cannot be read: there is no such file; make a key with ssh-keygen -t ed25519, or name another file
        - kvm-mirror:volumes.r0.size = "1": has no unit; write a whole number and a unit of 1024, for example 256MiB or 100GiB]
    `);
    writeFileSync(join(home, "keys.pub"), "# nobody yet\n");
    give({ ssh: { authorizedKeysFile: "~/keys.pub" } });
    expect(loadConfig).toThrowErrorMatchingInlineSnapshot(`
      [ConfigError: The stack's configuration has one mistake; nothing was changed.
        - kvm-mirror:ssh.authorizedKeysFile = "~/keys.pub": has no key in it; put your public SSH key there, or name another file]
    `);
  });
});
