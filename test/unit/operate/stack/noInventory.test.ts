import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { noInventoryWords, noInventoryYet } from "../../../../src/operate/stack/noInventory.ts";
import type { Lock } from "../../../../src/operate/stack/stateOfPulumi.ts";

const lock: Lock = { pid: 4711, username: "ops", hostname: "office", timestamp: "2026-11-27T08:15:00Z" };
const whose = "process 4711 of ops@office, since 2026-11-27 08:15:00";
const intro = "stack prod has no inventory yet: no `pulumi up` of it has succeeded. ";

describe("a stack that has no inventory yet", () => {
  it("waits for the pulumi that is at work on it", () => {
    expect(noInventoryWords("prod", [lock], () => true)).toBe(
      `${intro}One is at work: ${whose}. Wait for its end (it shows there how far it is), then repeat this`,
    );
  });

  it("is locked by a pulumi that was killed", () => {
    expect(noInventoryWords("prod", [lock], () => false)).toBe(
      `${intro}The stack is locked by ${whose}. That pulumi does not run any more: pulumi cancel --stack prod, then ` +
        "pulumi up --stack prod",
    );
  });

  it("is locked by a pulumi of another machine", () => {
    expect(noInventoryWords("prod", [lock], () => undefined)).toBe(
      `${intro}The stack is locked by ${whose}. See on that machine whether it still runs, and wait for its end; ` +
        "where it does not run: pulumi cancel --stack prod, then pulumi up --stack prod",
    );
  });

  it("needs a pulumi up, where none is at work", () => {
    expect(noInventoryWords("prod", [], () => true)).toBe(`${intro}None is at work: pulumi up --stack prod`);
  });

  it("needs one as well where nobody can say whether one is at work", () => {
    const why = "no answer within 20 s";
    expect(noInventoryWords("prod", { why, elsewhere: false }, () => true)).toBe(
      `${intro}Whether one is at work is not known here (${why}). If none is: pulumi up --stack prod`,
    );
  });
});

describe("a lock of this machine", () => {
  const path = process.env.PATH;
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "kvm-mirror-locked-"));
    writeFileSync(join(directory, "pulumi"), `#!/bin/sh\necho '{"url":"file://${directory}?metadata=skip"}'\n`);
    chmodSync(join(directory, "pulumi"), 0o755);
    process.env.PATH = `${directory}:${path}`;
  });
  afterEach(() => {
    process.env.PATH = path;
    rmSync(directory, { recursive: true });
  });
  const lockedBy = (pid: number): string => {
    const folder = join(directory, ".pulumi/locks/organization/kvm-mirror/prod");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "a.json"), JSON.stringify({ ...lock, hostname: hostname(), pid }));
    return noInventoryYet("prod");
  };

  it("is of a pulumi at work while a process of its number has that name", async () => {
    const up = spawn("bash", ["-c", "printf pulumi >/proc/self/comm; echo ready; read -r _"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    try {
      await once(up.stdout, "data");
      expect(lockedBy(up.pid ?? 0)).toContain(`One is at work: process ${up.pid} of ops@${hostname()}`);
    } finally {
      up.stdin.end();
      await once(up, "close");
    }
    expect(lockedBy(up.pid ?? 0)).toContain("That pulumi does not run any more");
    expect(lockedBy(process.pid)).toContain("That pulumi does not run any more");
  });
});
