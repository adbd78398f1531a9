/**
 * A KVM host at the other end of the system's own ssh: the user's
 * configuration, agent, jump hosts and known_hosts apply.
 */
import type { Target } from "../uri.ts";
import { hostName } from "../uri.ts";
import { HostUnreachable, lastLine } from "./errors.ts";
import type { Host, ScriptCall } from "./host.ts";
import { defaultDeadline, outputOf, statusReader } from "./outcome.ts";
import { shellLine } from "../../serving/shell.ts";
import { scriptCommand } from "./scriptText.ts";
import { runSpawned } from "./spawned.ts";
import { sshMaster } from "./sshMaster.ts";
import { turns } from "./turns.ts";

type SshTarget = Extract<Target, { kind: "ssh" }>;

/** sshd's MaxSessions is 10 unless set: all sessions share one connection, and something is left for others. */
const sessions = 8;

/** ssh's own exit status when it, not the command, failed. Our scripts never use it. */
const sshFailed = 255;

/** What the login's own start files (.bashrc) say on standard output comes before this line. */
export const outputMark = "kvm-mirror: output";

/** What the command said; nothing when it was not reached. */
export function afterMark(stdout: string): string {
  const line = `\n${outputMark}\n`;
  const at = stdout.indexOf(line);
  return at < 0 ? "" : stdout.slice(at + line.length);
}

/** Options common to the connection and to its sessions. */
export function sshOptions(target: SshTarget): readonly string[] {
  return [
    "-T",
    "-o",
    "BatchMode=yes",
    "-o",
    "ClearAllForwardings=yes",
    "-o",
    "ConnectTimeout=15",
    "-o",
    "ServerAliveInterval=5",
    "-o",
    "ServerAliveCountMax=4",
    ...(target.port === undefined ? [] : ["-p", String(target.port)]),
    ...(target.user === undefined ? [] : ["-l", target.user]),
    ...(target.keyfile === undefined ? [] : ["-i", target.keyfile]),
    ...(target.knownHosts === undefined ? [] : ["-o", `UserKnownHostsFile=${target.knownHosts}`]),
  ]; // prettier-ignore
}

export function sshHost(target: SshTarget): Host {
  const name = hostName(target);
  const options = sshOptions(target);
  const master = sshMaster(name, options, target.host);
  const inTurn = turns(sessions);

  const run = async (call: ScriptCall): Promise<string> => {
    const socket = await master.socket(call.signal);
    const command = [
      "ssh",
      ...options,
      "-o",
      "ControlMaster=no",
      "-o",
      `ControlPath=${socket}`,
      "--",
      target.host,
      `printf '\\n%s\\n' '${outputMark}'; exec ${shellLine(scriptCommand(call))}`,
    ];
    const ended = await runSpawned(command as unknown as readonly [string, ...string[]], {
      stdin: call.document ?? "",
      signal: call.signal,
      deadline: call.deadline ?? defaultDeadline,
      onLine: statusReader(call),
    });
    if (ended.outcome === "ended" && ended.code === sshFailed) {
      throw new HostUnreachable(
        `KVM host ${name} cannot be reached: ${call.script}: ${lastLine(ended.stderr) || "the connection was lost"}`,
      );
    }
    return outputOf(name, call, { ...ended, stdout: afterMark(ended.stdout) });
  };
  return { name, run: (call) => inTurn(() => run(call)), close: () => master.close() };
}
