import type { System } from "../harness/system.ts";
import type { Options } from "./options.ts";

/** What all parts of a run need. */
export interface Context {
  readonly system: System;
  readonly options: Options;
  /** How many times slower the guests' clock runs than this machine's; deadlines are stretched by it. */
  readonly slow: number;
  /** Runs one of scripts/host on a KVM host. @throws with what it said */
  hostScript(host: string, seconds: number, script: string, ...args: readonly string[]): Promise<string>;
  say(line: string): void;
  /** Whether to go on: nobody has asked to end. */
  wanted(): boolean;
}

/** A command in a machine of the stack; its standard output. */
export function within(
  { system, slow }: Context,
  { kind, name }: { readonly kind: "client" | "mirror"; readonly name: string },
  command: string,
  seconds = 60,
): Promise<string> {
  const on = kind === "client" ? system.onClient : system.onMirror;
  return on(name, command, seconds * slow);
}
