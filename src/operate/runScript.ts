import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Inventory, InventoryHost, InventoryMirror } from "../inventory.ts";

const scripts = fileURLToPath(new URL("../../scripts/operator/", import.meta.url));

/** Seconds after which a mirror or host that does not answer counts as unreachable. */
const answerTimeout = 30;

interface RunOptions {
  readonly seconds: number;
  /** What the script reads. */
  readonly document?: string;
  /** The error when it has not ended in time; without it, what it said until then. */
  readonly late?: string;
  /** The error when it failed, from all that it said. */
  readonly explain: (said: string) => string;
}

function run(script: string, args: readonly string[], { seconds, document = "", late, explain }: RunOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile("bash", [scripts + script, ...args], { timeout: seconds * 1000, maxBuffer: 4 << 20 }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      reject(new Error(error.killed && late !== undefined ? late : explain(stderr.trim() || error.message.trim())));
    });
    // A script that refuses before it has read everything closes its end: its words are the error, not that.
    child.stdin?.on("error", () => undefined);
    // The scripts pass their standard input on, and wait for its end.
    child.stdin?.end(document);
  });
}

const onMirror = ({ ssh }: InventoryMirror, script: string, args: readonly string[], options: RunOptions): Promise<string> => run("on-mirror.sh", [ssh.target, ssh.hostKey, script, ...args], options);
const onHost = ({ uri }: InventoryHost, script: string, args: readonly string[], options: RunOptions): Promise<string> => run("on-host.sh", [uri, script, ...args], options);

const noAnswer = (seconds: number): string => `no answer within ${seconds} s`;
const lastLine = (said: string): string => said.slice(said.lastIndexOf("\n") + 1);
const oneLine = (said: string): string => said.split("\n").join("; ");
const asking: RunOptions = { seconds: answerTimeout, late: noAnswer(answerTimeout), explain: lastLine };

/** Output of a script of scripts/guest, run on a mirror. */
export function runOnMirror(mirror: InventoryMirror, script: string, ...args: string[]): Promise<string> {
  return onMirror(mirror, script, args, asking);
}

/** Output of a script of scripts/host, run on a KVM host. */
export function runOnHost(host: InventoryHost, script: string, ...args: string[]): Promise<string> {
  return onHost(host, script, args, asking);
}

/**
 * Runs a script of scripts/guest that changes something, within so many seconds.
 * @throws with everything that it said
 */
export function changeOnMirror(mirror: InventoryMirror, seconds: number, script: string, ...args: string[]): Promise<string> {
  return onMirror(mirror, script, args, { seconds, late: noAnswer(seconds), explain: oneLine });
}

/** The same with a document for it; the error names mirror and script. */
export function mirrorScript(mirror: InventoryMirror, seconds: number, script: string, args: readonly string[], document = ""): Promise<string> {
  return onMirror(mirror, script, args, { seconds, document, ...named(mirror.name, script, seconds) });
}

/** The same for one of scripts/host on a KVM host. */
export function hostScript(host: InventoryHost, seconds: number, script: string, ...args: readonly string[]): Promise<string> {
  return onHost(host, script, args, { seconds, ...named(host.name, script, seconds) });
}

function named(where: string, script: string, seconds: number): Pick<RunOptions, "late" | "explain"> {
  return { late: `${where}: ${script} has not ended within ${seconds} s`, explain: (said) => `${where}: ${script}: ${oneLine(said)}` };
}

/**
 * Moves a group from the mirror that serves it to the other one; under automatic failover with the cluster paused for the moment.
 * @throws with all that was said, when it did not move; the last line says where it is
 */
export async function switchGroup(failover: Inventory["failover"], group: string, from: InventoryMirror, to: InventoryMirror): Promise<void> {
  const move = [group, from.ssh.target, from.ssh.hostKey, to.ssh.target, to.ssh.hostKey];
  const explain = (said: string): string => said;
  if (failover.mode === "manual") await run("switch-group.sh", move, { seconds: 300, explain });
  else await run("switch-in-cluster.sh", [...move, String(failover.operationTimeout)], { seconds: 300 + 6 * failover.operationTimeout, explain });
}
