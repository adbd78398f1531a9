import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Inventory, InventoryHost, InventoryMirror } from "../../inventory/inventory.ts";
import { Refused } from "../../refused.ts";

const scripts = fileURLToPath(new URL("../../../scripts/operator/", import.meta.url));

/**
 * Seconds for which a mirror or host is waited for when it is asked something. One that
 * is off, frozen or cut off is found out by `connect` or `silence`;
 * `answer` is for one that lives and has much to do: it must not count as dead.
 */
export interface Patience {
  /** Until it says its first word. */
  readonly connect: number;
  /** Without a sign of life, once it is connected. */
  readonly silence: number;
  /** Until its whole answer is there. */
  readonly answer: number;
}

export const patient: Patience = { connect: 10, silence: 24, answer: 90 };

interface RunOptions {
  readonly seconds: number;
  /** For scripts/operator/lib/ssh-options.sh. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What the script reads. */
  readonly document?: string;
  /** The error when it has not ended in time; without it, what it said until then. */
  readonly late?: string;
  /** The error when it failed, from all that it said. */
  readonly explain: (said: string) => string;
}

/**
 * Where a command asks who is alive, or fails over, a connection that an earlier one
 * left is no help: what it leads to may be dead (share-connection.sh).
 */
const ownConnection = { KVM_MIRROR_SHARE: "no" };

function run(
  script: string,
  args: readonly string[],
  { seconds, environment = {}, document = "", late, explain }: RunOptions,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      "bash",
      [scripts + script, ...args],
      { timeout: seconds * 1000, env: { ...process.env, ...ownConnection, ...environment }, maxBuffer: 4 << 20 },
      (error, stdout, stderr) => {
        if (!error) return resolve(stdout);
        // ssh says nothing when the other side gives no sign of life any more.
        const silent = error.code === 255 ? "its connection broke off: it gives no sign of life" : error.message.trim();
        const why = error.killed && late !== undefined ? late : explain(stderr.trim() || silent);
        // Every script here ends so when it has changed nothing.
        reject(error.code === 3 ? new Refused(why) : new Error(why));
      },
    );
    // A script that refuses before it has read everything closes its end: its words are the error, not that.
    child.stdin?.on("error", () => undefined);
    // The scripts pass their standard input on, and wait for its end.
    child.stdin?.end(document);
  });
}

const onMirror = (
  { ssh }: InventoryMirror,
  script: string,
  args: readonly string[],
  options: RunOptions,
): Promise<string> => run("on-mirror.sh", [ssh.target, ssh.hostKey, script, ...args], options);
const onHost = (
  { uri }: InventoryHost,
  script: string,
  args: readonly string[],
  options: RunOptions,
): Promise<string> => run("on-host.sh", [uri, script, ...args], options);

const noAnswer = (seconds: number): string => `no answer within ${seconds} s`;
const lastLine = (said: string): string => said.slice(said.lastIndexOf("\n") + 1);
const oneLine = (said: string): string => said.split("\n").join("; ");
const asking = ({ connect, silence, answer }: Patience): RunOptions => ({
  seconds: answer,
  environment: { KVM_MIRROR_CONNECT_TIMEOUT: String(connect), KVM_MIRROR_SILENCE: String(silence) },
  late: `it is connected, but ${noAnswer(answer)}`,
  explain: lastLine,
});

/** Output of a script of scripts/guest that changes nothing, run on a mirror. */
export function askMirror(
  mirror: InventoryMirror,
  patience: Patience,
  script: string,
  ...args: string[]
): Promise<string> {
  return onMirror(mirror, script, args, asking(patience));
}

/** Output of a script of scripts/host that changes nothing, run on a KVM host. */
export function askHost(host: InventoryHost, patience: Patience, script: string, ...args: string[]): Promise<string> {
  return onHost(host, script, args, asking(patience));
}

/** The same on this machine: libvirt is asked nothing. */
export function askHere(patience: Patience, script: string): Promise<string> {
  return run("on-host.sh", ["qemu:///system", script], asking(patience));
}

/**
 * Runs a script of scripts/guest that changes something, within so many seconds.
 * @throws with everything that it said
 */
export function changeOnMirror(
  mirror: InventoryMirror,
  seconds: number,
  script: string,
  ...args: string[]
): Promise<string> {
  return onMirror(mirror, script, args, { seconds, late: noAnswer(seconds), explain: oneLine });
}

/** The same with a document for it; the error names mirror and script. */
export function mirrorScript(
  mirror: InventoryMirror,
  seconds: number,
  script: string,
  args: readonly string[],
  document = "",
): Promise<string> {
  return onMirror(mirror, script, args, { seconds, document, ...named(mirror.name, script, seconds) });
}

/** The same for one of scripts/host on a KVM host. */
export function hostScript(
  host: InventoryHost,
  seconds: number,
  script: string,
  ...args: readonly string[]
): Promise<string> {
  return hostScriptReading(host, seconds, script, args, "");
}

/** The same with a document for it. */
export function hostScriptReading(
  host: InventoryHost,
  seconds: number,
  script: string,
  args: readonly string[],
  document: string,
): Promise<string> {
  return onHost(host, script, args, { seconds, document, ...named(host.name, script, seconds) });
}

/**
 * Migrates a client that runs, live, to where QEMU of the other host listens, with its XML there. It takes as long as
 * the guest's memory and the disks that are copied do, two hours at most.
 * @param copied targets of those disks
 * @throws with all that was said; how far it came, the hosts say
 */
export async function migrateClient(
  [from, to]: readonly [InventoryHost, InventoryHost],
  client: string,
  copied: readonly string[],
  xml: string,
): Promise<void> {
  const args = [from.uri, to.uri, client, to.storageAddress, ...(copied.length > 0 ? [copied.join(",")] : [])];
  await run("migrate-client.sh", args, { seconds: 7200, document: xml, explain: oneLine });
}

/**
 * Leaves the record of a command (a line, as command-record.sh reads it) on those of the mirrors that take it within
 * some seconds. One that gives no sign of life is waited for no longer than a failover's look waits for it.
 * @throws when none does, or nobody knows: one of them has not answered by then
 */
export async function leaveRecord(mirrors: readonly InventoryMirror[], line: string): Promise<void> {
  await run(
    "leave-record.sh",
    mirrors.flatMap(({ ssh }) => [ssh.target, ssh.hostKey]),
    {
      seconds: 15,
      environment: { KVM_MIRROR_CONNECT_TIMEOUT: "3", KVM_MIRROR_SILENCE: "6" },
      document: `${line}\n`,
      late: noAnswer(15),
      explain: oneLine,
    },
  );
}

function named(where: string, script: string, seconds: number): Pick<RunOptions, "late" | "explain"> {
  return {
    late: `${where}: ${script} has not ended within ${seconds} s`,
    explain: (said) => `${where}: ${script}: ${oneLine(said)}`,
  };
}

/**
 * Moves a group from the mirror that serves it to the other one; under automatic
 * failover with the cluster paused for the moment, after any other switch.
 * @throws with all that was said, when it did not move; the last line says where it is
 */
export async function switchGroup(
  failover: Inventory["failover"],
  group: string,
  from: InventoryMirror,
  to: InventoryMirror,
): Promise<void> {
  const move = [group, from.ssh.target, from.ssh.hostKey, to.ssh.target, to.ssh.hostKey];
  const explain = (said: string): string => said;
  if (failover.mode === "manual") await run("switch-group.sh", move, { seconds: 300, explain });
  else
    await run("switch-in-cluster.sh", [...move, String(failover.operationTimeout)], {
      seconds: 900 + 6 * failover.operationTimeout,
      explain,
    });
}
