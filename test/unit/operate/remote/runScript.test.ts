import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { askMirror, patient } from "../../../../src/operate/remote/runScript.ts";
import { makeInventory } from "../../../../src/makeInventory.ts";
import { planOf } from "../../render/sample.ts";

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

/**
 * What a question to a mirror comes to when ssh does this, behind the line
 * with which a command's own output begins (mirror-ssh.sh).
 */
async function asked(ssh: string, patience = patient): Promise<string> {
  const file = join(directory, "ssh");
  writeFileSync(file, `#!/usr/bin/env bash\nprintf '\\nkvm-mirror: output\\n'\n${ssh}\n`);
  chmodSync(file, 0o755);
  const [mirror] = makeInventory(planOf()).mirrors;
  if (!mirror) throw new Error("the sample has no mirror");
  return askMirror(mirror, patience, "state.sh").catch((error: Error) => error.message);
}

describe("a question to a mirror", () => {
  it("is answered by what its script prints", async () =>
    expect(await asked("echo answer; echo words >&2")).toBe("answer\n"));
  it("fails with the last word of what was said", async () =>
    expect(await asked("echo first >&2; echo last >&2; exit 3")).toBe("last"));
  it("tells one that died in the middle", async () =>
    expect(await asked("exit 255")).toBe("its connection broke off: it gives no sign of life"));
  it("tells one that lives and does not answer", async () =>
    expect(await asked("exec sleep 20", { ...patient, answer: 1 })).toBe("it is connected, but no answer within 1 s"));
  it("waits for a first word and for signs of life as long as it is told to", async () => {
    const words = await asked('printf "%s\\n" "$@"', { connect: 3, silence: 24, answer: 60 });
    expect(words.match(/^(ConnectTimeout|ServerAlive).*/gm)).toEqual([
      "ConnectTimeout=3",
      "ServerAliveInterval=4",
      "ServerAliveCountMax=6",
    ]);
  });
});
