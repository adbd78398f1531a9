/** From how a script ended to what the caller gets. */
import { CommandFailed, lastLine } from "./errors.ts";
import type { ScriptCall } from "./host.ts";
import type { Ended } from "./spawned.ts";

export const defaultDeadline = 120;

/** Standard output, or an error that names the host, the script and what was seen last. */
export function outputOf(host: string, call: ScriptCall, ended: Ended): string {
  const where = `${host}: ${call.script}`;
  const seen = lastLine(withoutStatus(ended.stderr));
  if (ended.outcome === "aborted") throw new CommandFailed(`${where}: stopped${reason(call.signal)}`, ended.code);
  if (ended.outcome === "late")
    throw new CommandFailed(
      `${where}: no answer within ${call.deadline ?? defaultDeadline} s${seen && `; last message: ${seen}`}`,
      ended.code,
    );
  if (ended.code !== 0)
    throw new CommandFailed(`${where}: ${seen || `ended with status ${ended.code} and no message`}`, ended.code);
  return ended.stdout;
}

const status = "status: ";

/** Passes the status lines on. */
export function statusReader(call: ScriptCall): (line: string) => void {
  return (line) => {
    if (line.startsWith(status)) call.onStatus?.(line.slice(status.length));
  };
}

function withoutStatus(stderr: string): string {
  return stderr
    .split("\n")
    .filter((line) => !line.startsWith(status))
    .join("\n");
}

function reason(signal: AbortSignal): string {
  return signal.reason instanceof Error && signal.reason.name === "TimeoutError"
    ? " by the time-out of the resource"
    : "";
}
