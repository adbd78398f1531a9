import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { deriveKeys } from "../../src/plan/secrets.ts";

const keys = deriveKeys("0123456789abcdef".repeat(4), 1, { project: "kvm-mirror", stack: "unit" });

// Names of all lengths modulo the padding of the private section.
it.each(["m", "mi", "mir", "mirr", "mirro", "mirror", "mirror-", "mirror-a"])(
  "ssh-keygen reads the host key of %s and finds the same public key",
  (machine) => {
    const directory = mkdtempSync(join(tmpdir(), "kvm-mirror-"));
    try {
      const { privateKey, publicKey } = keys.sshHostKey(machine);
      const file = join(directory, "key");
      writeFileSync(file, privateKey, { mode: 0o600 });
      expect(execFileSync("ssh-keygen", ["-y", "-f", file], { encoding: "utf8" })).toBe(`${publicKey} ${machine}\n`);
    } finally {
      rmSync(directory, { recursive: true });
    }
  },
);
