import { basename } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Machine, Outcome } from "./machine.ts";

/** The processes that a script started, by the program that each became; "subshell" for one that became none. */
export interface Started {
  readonly outcome: Outcome;
  readonly total: number;
  readonly by: Readonly<Record<string, number>>;
}

/** Changes for which the real drbdadm, one process, starts one drbdsetup for each volume. */
const forEachVolume = /^(primary|secondary|connect|disconnect|outdate|attach|adjust)$/;

/**
 * Runs a command and counts the processes that it starts, with those of the programs that it calls (strace). What a
 * played program of machine/ does inside is not counted: the real one works otherwise. Of drbdadm it is known how.
 * @param command one program with its arguments, a script for example
 */
export async function processesOf(machine: Machine, command: string, stdin = ""): Promise<Started> {
  // Apart (-D), with files for its output: strace goes on until the last server that the command has started ends.
  const outcome = machine.sh(
    `rm -f /run/trace; status=0; strace -D -f -q -s 4096 -o /run/trace -e trace=execve,clone,clone3,fork,vfork ` +
      `-e signal=none ${command} >/run/stdout 2>/run/stderr || status=$?; ` +
      "cat /run/stdout; cat /run/stderr >&2; exit $status",
    stdin,
  );
  // What the command left in the background goes on for a while, and strace tells of it when it gets to it.
  let trace = machine.ok("cat /run/trace");
  for (const end = Date.now() + 60_000; pending(trace).length > 0; trace = machine.ok("cat /run/trace")) {
    if (Date.now() > end)
      throw new Error(`${command} has left processes that do not end: ${pending(trace).join(", ")}`);
    await setTimeout(100);
  }
  // It holds up what it still follows. Killed, it lets go: a server that is stopped stays so.
  machine.ok("pkill -KILL -x strace || true");
  return { outcome, ...count(trace) };
}

/** What goes on after a script's end, and starts no process by itself: servers, and announcements of the VIP. */
const outlasting = /^(nbd-server|tgtd|arping|sleep)$/;

/** The processes that strace has not seen end, without those: by now they may start others. */
function pending(trace: string): string[] {
  const going = new Map<number, string>();
  for (const [pid, call, result] of calls(trace)) {
    if (!going.has(pid)) going.set(pid, "command");
    if (!call.startsWith("execve(")) {
      // The program of a child that became no other is its parent's.
      if (result > 0 && !call.includes("CLONE_THREAD")) going.set(result, going.get(result) ?? going.get(pid) ?? "");
    } else if (result === 0) going.set(pid, basename(/"((?:[^"\\]|\\.)*)"/.exec(call)?.[1] ?? ""));
  }
  for (const [, pid] of trace.matchAll(/^(\d+) +\+\+\+ (?:exited|killed)/gm)) going.delete(Number(pid));
  return [...going].filter(([, name]) => !outlasting.test(name)).map(([pid, name]) => `${name} (${pid})`);
}

function count(trace: string): Omit<Started, "outcome"> {
  const parent = new Map<number, number>();
  const program = new Map<number, string>();
  /** With the words that each was started with. */
  const played = new Map<number, readonly string[]>();
  for (const [pid, call, result] of calls(trace)) {
    if (!call.startsWith("execve(")) {
      if (result > 0 && !call.includes("CLONE_THREAD")) parent.set(result, pid);
    } else if (result === 0 && !played.has(pid)) {
      const words = [...call.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((match) => match[1] ?? "");
      program.set(pid, basename(words[0] ?? ""));
      if (words[0]?.includes("/test/scripts/machine/")) played.set(pid, words.slice(2));
    }
  }
  const inPlayed = (pid: number): boolean => {
    const of = parent.get(pid);
    return of !== undefined && (played.has(of) || inPlayed(of));
  };
  const by: Record<string, number> = {};
  const add = (name: string, number = 1) => {
    by[name] = (by[name] ?? 0) + number;
  };
  // Only now is it known who started whom: a child may be quicker than the call that made it.
  for (const pid of parent.keys()) if (!inPlayed(pid)) add(program.get(pid) ?? "subshell");
  for (const [pid, [verb = "", ...volumes]] of played)
    if (program.get(pid) === "drbdadm" && forEachVolume.test(verb) && !inPlayed(pid))
      add("drbdsetup", volumes.filter((word) => !word.startsWith("--")).length);
  return { total: Object.values(by).reduce((sum, number) => sum + number, 0), by };
}

/** The system calls with who made them and what they returned, in the order in which they ended. */
function* calls(trace: string): Generator<[number, string, number]> {
  const unfinished = new Map<number, string>();
  for (const line of trace.split("\n")) {
    const [, who, text = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const pid = Number(who);
    if (text.endsWith("<unfinished ...>")) {
      unfinished.set(pid, text.slice(0, -"<unfinished ...>".length));
      continue;
    }
    const [, rest] = /^<\.\.\. \w+ resumed>(.*)$/.exec(text) ?? [];
    const call = rest === undefined ? text : `${unfinished.get(pid) ?? ""}${rest}`;
    const [, result] = / = (-?\d+)[^=]*$/.exec(call) ?? [];
    if (result !== undefined) yield [pid, call, Number(result)];
  }
}
