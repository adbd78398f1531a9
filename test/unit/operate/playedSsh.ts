import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";

/** A place in front of PATH, new for each test of a file, with an `ssh` that a test writes. */
export function playedSsh() {
  const path = process.env.PATH ?? "";
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "ssh-"));
    process.env.PATH = `${directory}:${path}`;
  });
  afterEach(() => {
    process.env.PATH = path;
    rmSync(directory, { recursive: true });
  });
  return {
    file: (name: string): string => join(directory, name),
    /** What ssh does, behind the line with which a command's own output begins (mirror-ssh.sh). */
    ssh(does: string, before = ""): void {
      const file = join(directory, "ssh");
      writeFileSync(file, `#!/usr/bin/env bash\n${before}printf '\\nkvm-mirror: output\\n'\n${does}\n`);
      chmodSync(file, 0o755);
    },
  };
}
