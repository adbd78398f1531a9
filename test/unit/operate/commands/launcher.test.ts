import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { repository } from "../../../../src/operate/stack/pulumiCommand.ts";

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), "kvm-mirror-launcher-"))));
afterEach(() => rmSync(directory, { recursive: true }));

const run = (command: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}) =>
  spawnSync(command, args, { cwd: directory, encoding: "utf8", env: { ...process.env, ...environment } });

describe("bin/kvm-mirror", () => {
  it("runs from any directory, through a link on PATH", () => {
    symlinkSync(`${repository}bin/kvm-mirror`, join(directory, "kvm-mirror"));
    const { status, stdout, stderr } = run("kvm-mirror", ["--help"], { PATH: `${directory}:${process.env.PATH}` });
    expect(stderr).toBe("");
    expect(stdout).toContain("Usage: kvm-mirror <command>");
    expect(status).toBe(0);
  });

  it("ends with the status of its command", () => {
    const { status, stderr } = run(`${repository}bin/kvm-mirror`, ["status", "production"]);
    expect(stderr).toContain("kvm-mirror status --stack production");
    expect(status).toBe(64);
  });

  it("hands bench its options, and ends with its status", () => {
    const help = run(`${repository}bin/kvm-mirror`, ["bench", "--help"]);
    expect([help.status, help.stdout.split("\n")[0]]).toEqual([
      0,
      "usage: kvm-mirror bench [--layers | --servers | --alternatives [--cut S]] [--stack <env>] [--client NAME]",
    ]);
    const { status, stderr } = run(`${repository}bin/kvm-mirror`, ["bench", "--stack", "x", "--seconds", "0"]);
    expect(stderr).toContain("bench: --seconds is a whole number, at least 1, not 0");
    expect(status).toBe(64);
  });

  it("says in one line which Node it needs, where Node cannot run it", () => {
    const { status, stderr } = run(process.execPath, ["--no-experimental-strip-types", `${repository}bin/launch.js`]);
    expect(stderr).toMatch(/^kvm-mirror: needs Node 22\.18 or newer, and \S+ is \d+\.\d+\.\d+: install one, or .*\n$/);
    expect(status).toBe(1);
  });

  it("says so where there is none", () => {
    for (const tool of ["dirname", "readlink"]) symlinkSync(`/usr/bin/${tool}`, join(directory, tool));
    const { status, stderr } = run("/bin/sh", [`${repository}bin/kvm-mirror`, "status"], { PATH: directory });
    expect(stderr).toBe("kvm-mirror: needs Node 22.18 or newer, and there is no `node` on PATH\n");
    expect(status).toBe(1);
  });
});
