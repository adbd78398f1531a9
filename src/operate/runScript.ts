import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { InventoryHost, InventoryMirror } from "../inventory.ts";

const scripts = fileURLToPath(new URL("../../scripts/operator/", import.meta.url));

/** Milliseconds after which a mirror or host that does not answer counts as unreachable. */
const answerTimeout = 30_000;

function run(script: string, args: readonly string[], timeout = answerTimeout, words = (lines: readonly string[]): string | undefined => lines.at(-1)): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile("bash", [scripts + script, ...args], { timeout, maxBuffer: 4 << 20 }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const lines = stderr.trim().split("\n");
      reject(new Error(error.killed ? `no answer within ${timeout / 1000} s` : (words(lines) || error.message)));
    });
    // The scripts pass their standard input on, and wait for its end.
    child.stdin?.end();
  });
}

/** Output of a script of scripts/guest, run on a mirror. */
export function runOnMirror(mirror: InventoryMirror, script: string, ...args: string[]): Promise<string> {
  return run("on-mirror.sh", [mirror.ssh.target, mirror.ssh.hostKey, script, ...args]);
}

/**
 * Runs a script of scripts/guest that changes something, within so many seconds.
 * @throws with everything that it said
 */
export function changeOnMirror(mirror: InventoryMirror, seconds: number, script: string, ...args: string[]): Promise<string> {
  return run("on-mirror.sh", [mirror.ssh.target, mirror.ssh.hostKey, script, ...args], seconds * 1000, (lines) => lines.join("; "));
}

/** Output of a script of scripts/host, run on a KVM host. */
export function runOnHost(host: InventoryHost, script: string, ...args: string[]): Promise<string> {
  return run("on-host.sh", [host.uri, script, ...args]);
}
