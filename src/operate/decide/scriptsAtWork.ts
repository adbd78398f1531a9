import type { Process } from "../observe/atWork.ts";

/** A script of ours at work on a machine. */
export interface Script {
  readonly pid: number;
  /** Its file's name and its arguments. */
  readonly command: string;
  /** Since its start. */
  readonly seconds: number;
  /** Whether the pulumi, the command or the login that began it is still there. */
  readonly awaited: boolean;
}

/** systemd and the cluster wait for what they have started. */
const service = /^(kvm-mirror-|pacemaker|corosync)/;

/** DRBD and the peer start these; their work is no `up`'s. The last one is what asks. */
const othersWork = /^(fence-peer|outdate|watch-peer)\.sh\b|\bat-work\.sh$/;

/** What stands between a script and whoever began it, and may live on without that one. */
const between = new Set([
  "bash",
  "sh",
  "sudo",
  "env",
  "setsid",
  "timeout",
  "node",
  "pulumi-resource-command",
  "pulumi-language-nodejs",
]);

/**
 * The scripts among a machine's processes, each once: what a script has started counts as part of it. A script is
 * awaited as long as something above it is neither a shell nor one of Pulumi's plugins: pulumi itself, kvm-mirror,
 * sshd, a terminal.
 */
export function scriptsAtWork(processes: readonly Process[]): readonly Script[] {
  const byPid = new Map(processes.map((process) => [process.pid, process]));
  const above = ({ parent }: Process): Process[] => {
    const chain: Process[] = [];
    for (let at = byPid.get(parent); at !== undefined && at.pid > 1 && !chain.includes(at); at = byPid.get(at.parent))
      chain.push(at);
    return chain;
  };
  return processes.flatMap((process) => {
    const { pid, command, seconds, unit } = process;
    if (command === null || (unit !== null && service.test(unit))) return [];
    const chain = above(process);
    const words = command.replace(/^.*?([a-z][a-z-]*\.sh(?: |$))/, "$1").trim();
    if (othersWork.test(words) || chain.some((ancestor) => ancestor.command !== null)) return [];
    return [{ pid, command: words, seconds, awaited: chain.some(({ program }) => !between.has(program)) }];
  });
}

/** Whether a process of this name is there. */
export const runs = (processes: readonly Process[], pid: number, program: string): boolean =>
  processes.some((process) => process.pid === pid && process.program === program);
