/**
 * A real KVM host for a test file: libvirtd, virtlogd and sshd in
 * namespaces of their own, reached by ssh as an operator would.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { ProviderConfig } from "../../plugins/libvirt/config.ts";

const hostsScript = new URL("../../lab/hosts.sh", import.meta.url).pathname;

export interface TestHost {
  /** Over ssh. */
  readonly config: ProviderConfig;
  /** Directory of the pool `default`, as seen from outside. */
  readonly poolDir: string;
  /** Directory of the operator's ssh keys and known_hosts. */
  readonly keys: string;
  /** Command prefix that enters the host. */
  readonly enter: readonly string[];
  /** Command prefix that enters the operator's network. */
  readonly asOperator: readonly string[];
  /** Directory for PATH with an `ssh` that starts in the operator's network. */
  readonly sshDir: string;
  /** Directory of the host's files: lib, log, … */
  readonly files: string;
  /** The host's /tmp, as seen from outside. */
  readonly tmpDir: string;
  /** Runs a command on the host and gives its standard output. */
  run(...command: readonly string[]): string;
  /** The same with text on standard input. */
  feed(input: string, ...command: readonly string[]): string;
  down(): void;
}

export const owner = "kvm-mirror/test";

/** Starts a host. `part` keeps test files apart that run at the same time. */
export function startHost(part: string): TestHost {
  // Labs, other checkouts and other runs have other prefixes.
  const prefix = `lv${process.pid}${part}`;
  execFileSync("bash", [hostsScript, "up", "--prefix", prefix, "--hosts", "1"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const state = execFileSync("bash", [hostsScript, "state", "--prefix", prefix], { encoding: "utf8" }).trim();
  const enter = ["nsenter", "--target", hostInit(`${prefix}-a`), "--mount", "--net", "--pid", "--uts", "--ipc", "--"];
  const asOperator = ["ip", "netns", "exec", `${prefix}-operator`];
  const keys = `${state}/operator-ssh`;
  const sshDir = mkdtempSync(join(tmpdir(), "kvm-mirror-test-"));
  const ssh = join(sshDir, "ssh");
  writeFileSync(ssh, `#!/bin/sh\nexec ${asOperator.join(" ")} /usr/bin/ssh -F none "$@"\n`);
  chmodSync(ssh, 0o755);
  process.env.PATH = [sshDir, process.env.PATH].join(delimiter);

  const feed = (input: string, ...command: readonly string[]): string => {
    // Through a pipe: Node gives a socket, which cannot be opened as /dev/stdin.
    const [file = "", ...args] = [...enter, "bash", "-c", 'cat | "$@"', "feed", ...command];
    return execFileSync(file, args, {
      encoding: "utf8",
      input,
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, LC_ALL: "C" },
    });
  };
  return {
    config: {
      uri: `qemu+ssh://root@10.30.0.2/system?keyfile=${keys}/id_ed25519&known_hosts=${keys}/known_hosts`,
      owner,
    },
    poolDir: `${state}/${prefix}-a/lib/images`,
    files: `${state}/${prefix}-a`,
    tmpDir: `${state}/${prefix}-a/tmp`,
    keys,
    enter,
    asOperator,
    sshDir,
    feed,
    run: (...command) => feed("", ...command),
    down() {
      execFileSync("bash", [hostsScript, "down", "--prefix", prefix], { stdio: ["ignore", "ignore", "pipe"] });
      rmSync(sshDir, { recursive: true });
    },
  };
}

/** Process 1 of the host, by its number outside. */
function hostInit(namespace: string): string {
  const pids = execFileSync("ip", ["netns", "pids", namespace], { encoding: "utf8" }).split("\n");
  const init = pids.find((pid) => pid && /^NSpid:\t\d+\t1$/m.test(readFileSync(`/proc/${pid}/status`, "utf8")));
  if (!init) throw new Error(`${namespace}: no process 1 among ${pids.join(" ")}`);
  return init;
}

/** Waits until `seen` gives something, with a deadline in seconds. */
export async function until<Seen>(what: string, seen: () => Seen | undefined | false, seconds = 30): Promise<Seen> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const value = seen();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
