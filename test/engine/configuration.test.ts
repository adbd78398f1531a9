/** How the real engine shows mistakes of the stack file. */
import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sshKeyPair } from "../../src/plan/opensshKey.ts";
import { Project } from "./project.ts";
import { REPOSITORY } from "./toolchain.ts";

let project: Project;
beforeAll(async () => {
  project = await Project.create();
  project.program(`export * from ${JSON.stringify(join(REPOSITORY, "src/main.ts"))};`);
});
afterAll(() => project?.dispose());

/** What a preview that fails says at its end; before it, Pulumi shows the first line of each error as it comes. */
const said = async (): Promise<string> => {
  const output = await project.fail("preview");
  return output.slice(output.indexOf("Diagnostics:"));
};

test("a mistake ends a preview with its message, once, and nothing else", async () => {
  const output = await said();
  expect(output).toContain("The stack's configuration has 9 mistakes; nothing was changed.");
  expect(output).toContain("  - kvm-mirror:secret: is missing");
  expect(output.match(/nothing was changed/g)).toHaveLength(1);
  expect(output).not.toMatch(/unhandled|exception|ConfigError|problems:|^\s+at /m);
});

test("neither a private key nor a secret is shown, and a secret that is not encrypted is refused", async () => {
  const file = join(project.directory, "id_ed25519");
  const { privateKey } = sshKeyPair(Buffer.alloc(32, 7), "operator@example.net");
  const pkcs8 = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }) as string;
  const secret = "8d2f60b1c94e7a35";
  await project.succeed("config", "set", "--path", "engine:ssh.authorizedKeysFile", file);
  await project.succeed("config", "set", "--plaintext", "engine:secret", `${secret}${secret}`);
  for (const [content, about] of [
    [privateKey, "is a private key; name the public one"],
    [pkcs8, "is a private key; name the public one"],
    [privateKey.split("\n").slice(1, -2).join("\n"), "is a private key; name the public one"],
  ] as const) {
    writeFileSync(file, content);
    const output = await said();
    expect(output).toContain(`kvm-mirror:ssh.authorizedKeysFile = ${JSON.stringify(file)}: ${about}`);
    expect(output).toContain("kvm-mirror:secret: is not encrypted");
    for (const line of content.split("\n").filter((one) => one.length > 20 && !one.startsWith("---")))
      expect(output).not.toContain(line.slice(0, 20));
    expect(output).not.toContain(secret);
  }
});
