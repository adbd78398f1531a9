import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it } from "vitest";
import { loadConfig } from "../../../src/check/load.ts";
import { type Changes, changed, publicKey } from "./sample.ts";

/** What Pulumi hands over: text as it is, everything else as JSON. */
function give(changes: Changes, more: Record<string, string> = {}, encrypted = ["kvm-mirror:secret"]): void {
  const given = Object.entries(changed(changes)).map(([key, value]) => [
    `kvm-mirror:${key}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  pulumi.runtime.setAllConfig({ ...Object.fromEntries(given), ...more }, encrypted);
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

  it("never shows what a file of keys holds, only the line that is wrong, and reads nothing but small files", () => {
    const file = join(home, "keys");
    give({ ssh: { authorizedKeysFile: "~/keys" } });
    const said = () => {
      try {
        loadConfig();
        return "nothing";
      } catch (error) {
        return (error as Error).message.split(": ").slice(1).join(": ");
      }
    };
    writeFileSync(
      file,
      "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
    );
    expect(said()).toBe("is a private key; name the public one, which ends in .pub");
    writeFileSync(file, `# mine\n${publicKey}\nhunter2hunter2\n`);
    expect(said()).toBe(
      "is no file of public SSH keys: line 3 is not a public SSH key; write one line as in an id_ed25519.pub: type, " +
        "base64, comment",
    );
    writeFileSync(file, "x".repeat(2 ** 20 + 1));
    expect(said()).toMatch(/^is too large for a file of keys; /);
    for (const path of [home, "/dev/zero"]) {
      give({ ssh: { authorizedKeysFile: path } });
      expect(said()).toMatch(/^is no file; /);
    }
    execFileSync("mkfifo", [join(home, "fifo")]);
    give({ ssh: { authorizedKeysFile: "~/fifo" } });
    expect(said()).toMatch(/^is no file; /);
    give({ ssh: { authorizedKeysFile: "a\0b" } });
    expect(said()).toMatch(/^cannot be read: its name has a null character; /);
  });

  it("refuses a secret that is not encrypted, and shows no value of a key that is", () => {
    const plain = Object.fromEntries(
      Object.entries(changed({ "ssh.user": "Hush-Hush-Hush", "volumes.r0.size": "Hush-Hush-Hush" })).map(
        ([key, value]) => [`kvm-mirror:${key}`, typeof value === "string" ? value : JSON.stringify(value)],
      ),
    );
    pulumi.runtime.setAllConfig(plain, ["kvm-mirror:ssh"]);
    expect(loadConfig).toThrowErrorMatchingInlineSnapshot(`
      [ConfigError: The stack's configuration has 3 mistakes; nothing was changed.
        - kvm-mirror:secret: is not encrypted: whoever reads the stack file or its history has it. For a new stack make another: printf 'stack-%s' "$(openssl rand -hex 32)" | pulumi config set --secret kvm-mirror:secret; where mirrors run with it, encrypt this one: pulumi config set --secret kvm-mirror:secret, and type it
        - kvm-mirror:ssh.user: is no user name; use lower-case letters, digits, hyphens and underscores, at most 32
        - kvm-mirror:volumes.r0.size: is not a size; write a whole number and a unit of 1024, for example 256MiB or 100GiB]
    `);
  });

  it("refuses a webhook and a password that are not encrypted, and shows neither", () => {
    const mail = { server: "m", from: "a@b", to: ["c@d"], user: "u", password: "Hush-Hush-Hush" };
    const monitoring = { "monitoring.notify": { webhook: "https://chat.example.net/Hush", mail } };
    give(monitoring);
    expect(loadConfig).toThrowErrorMatchingInlineSnapshot(`
      [ConfigError: The stack's configuration has 2 mistakes; nothing was changed.
        - kvm-mirror:monitoring.notify.webhook: is not encrypted: whoever reads the stack file or its history has it. Have its service make another, and type it for: pulumi config set --secret --path kvm-mirror:monitoring.notify.webhook
        - kvm-mirror:monitoring.notify.mail.password: is not encrypted: whoever reads the stack file or its history has it. Have its service make another, and type it for: pulumi config set --secret --path kvm-mirror:monitoring.notify.mail.password]
    `);
    give(monitoring, {}, ["kvm-mirror:secret", "kvm-mirror:monitoring"]);
    expect(loadConfig().monitoring.notify?.mail?.password).toBe("Hush-Hush-Hush");
  });
});
