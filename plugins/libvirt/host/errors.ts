/** What can go wrong on the way to a host and on it. Messages are one line, for the user. */

/** ssh did not get through, or lost the connection: nothing is known about what is on the host. */
export class HostUnreachable extends Error {
  override readonly name = "HostUnreachable";
}

/** A script ran on the host and failed. */
export class CommandFailed extends Error {
  override readonly name = "CommandFailed";
  readonly exitCode: number;
  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Last line that says something, without the prefixes of virsh and bash. */
export function lastLine(stderr: string): string {
  const lines = stderr
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  return (lines.at(-1) ?? "").replace(/^error: /, "").slice(0, 600);
}
