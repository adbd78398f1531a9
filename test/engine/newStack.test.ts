/** `kvm-mirror new` with the real Pulumi, in a copy of the repository. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { REPOSITORY, toolchainEnvironment } from "./toolchain.ts";

let directory: string;
let file: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "kvm-mirror-new-"));
  for (const name of ["src", "plugins", "bin", "stacks", "toolchain", "package.json", "Pulumi.yaml"])
    cpSync(join(REPOSITORY, name), join(directory, name), { recursive: true });
  symlinkSync(join(REPOSITORY, "node_modules"), join(directory, "node_modules"));
  for (const name of ["state", "home", "home/.ssh"]) mkdirSync(join(directory, name));
  writeFileSync(
    join(directory, "home/.ssh/id_ed25519.pub"),
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILn77uKx0gsx5P4txNmhjUBPP8n9Vq61sB0s1dt1DPW8 operator@example.net\n",
  );
  file = join(directory, "stacks/Pulumi.staging.yaml");
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const environment = () => ({
  ...toolchainEnvironment({ PULUMI_HOME: join(directory, "home") }),
  HOME: join(directory, "home"),
  PULUMI_BACKEND_URL: `file://${join(directory, "state")}?metadata=skip`,
  PULUMI_CONFIG_PASSPHRASE: "for tests only",
});
const run = (command: string, args: readonly string[], input = "") =>
  spawnSync(command, args, { cwd: directory, env: environment(), input, encoding: "utf8", timeout: 120_000 });
const answers = [
  "qemu+ssh://root@kvm-a.example.net/system",
  "qemu+ssh://root@kvm-b.example.net/system",
  ...["10.20.0.0/24", "10.10.0.0/24", "10.30.0.0/24"],
  ...["", "", "", "", "", "", "", ""],
  ...["orders", "500GiB", "iscsi", "", "none"],
];
const begin = (input: string, name = "staging") => run("bin/kvm-mirror", ["new", name], input);
const typed = `${answers.join("\n")}\n`;

describe("kvm-mirror new", () => {
  test("writes nothing, and makes no stack, before every question is answered", () => {
    const { status, stderr } = begin(answers.slice(0, -1).join("\n"));
    expect([status, stderr]).toEqual([3, expect.stringContaining("nothing was written")]);
    expect(existsSync(file)).toBe(false);
    expect(run("pulumi", ["stack", "ls", "--json"]).stdout.trim()).toBe("[]");
    expect(run("bin/kvm-mirror", ["status", "--all"])).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("there is no stack yet: kvm-mirror new <env> makes one"),
    });
  });

  test("makes a stack whose file has its secret encrypted", () => {
    const { status, stdout, stderr } = begin(typed);
    expect([status, stderr]).toEqual([0, expect.any(String)]);
    expect(stdout).toContain("kvm-mirror check --stack staging");
    const text = readFileSync(file, "utf8");
    expect(text).toMatch(/^encryptionsalt: v1:\S+$/m);
    // The lab's stack files have mirror-a and mirror-b already.
    expect(text).toContain("staging-a: { host: kvm-a, replication: 10.10.0.11");
    const secret = run("pulumi", ["config", "get", "--stack", "staging", "kvm-mirror:secret"]).stdout.trim();
    expect(secret).toMatch(/^stack-[0-9a-f]{64}$/);
    expect(text + stdout + stderr).not.toContain(secret);
    expect(run("pulumi", ["config", "get", "--stack", "staging", "kvm-mirror:volumes"]).stdout).toContain('"minor":0');
  });

  test("is seen among all stacks, though it was never up", () => {
    const { status, stdout } = run("bin/kvm-mirror", ["status", "--all"]);
    expect([status, stdout]).toEqual([
      0,
      "Stacks\n  staging    no `pulumi up` has succeeded yet\n\nAll is as it should be.\n",
    ]);
  });

  test("refuses a stack that has a file", () => {
    const before = readFileSync(file, "utf8");
    expect(begin(typed)).toMatchObject({ status: 3, stderr: expect.stringContaining("is there already: edit it") });
    expect(readFileSync(file, "utf8")).toBe(before);
  });

  test("goes on where it was killed between the secret and the file", () => {
    const whole = readFileSync(file, "utf8");
    const [before = ""] = whole.split("\n  kvm-mirror:hosts:");
    writeFileSync(file, before);
    expect(begin(typed)).toMatchObject({ status: 0 });
    expect(readFileSync(file, "utf8").split("\n  kvm-mirror:hosts:")[1]).toBe(whole.split("\n  kvm-mirror:hosts:")[1]);
  });

  test("refuses one that the backend has, and whose file is elsewhere", () => {
    rmSync(file);
    expect(begin(typed)).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("Pulumi's backend has a stack staging already"),
    });
    expect(existsSync(file)).toBe(false);
  });
});
