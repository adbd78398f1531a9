import type { System } from "../harness/system.ts";
import type { Options } from "./options.ts";

/** What all parts of a run need. */
export interface Context {
  readonly system: System;
  readonly options: Options;
  /** Runs one of scripts/host on a KVM host. @throws with what it said */
  hostScript(host: string, seconds: number, script: string, ...args: readonly string[]): Promise<string>;
  say(line: string): void;
  /** Whether to go on: nobody has asked to end. */
  wanted(): boolean;
}

/**
 * Seconds of the guests as scripts of a KVM host count them. In slowed time the host keeps the machine's clock, while
 * this program, and its own deadlines with it, keep the guests' (docs/slowed-time.md).
 */
export const hostSeconds = ({ system }: Context, seconds: number): string => String(seconds * system.time.slowness);

/** A command in a machine of the stack; its standard output. */
export function within(
  { system }: Context,
  { kind, name }: { readonly kind: "client" | "mirror"; readonly name: string },
  command: string,
  seconds = 60,
): Promise<string> {
  const on = kind === "client" ? system.onClient : system.onMirror;
  return on(name, command, seconds);
}
