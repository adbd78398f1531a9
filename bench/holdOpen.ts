import { spawn } from "node:child_process";
import type { System } from "../harness/system.ts";
import type { Spot } from "./spot.ts";

/**
 * Keeps a connection to a machine open, which all commands there then share: a login costs an emulated guest seconds.
 * Where it breaks off, commands open their own again.
 * @returns what ends it
 */
export function holdOpen(system: System, { kind, name }: Spot["place"]): () => void {
  const [program = "", ...args] = system.commandLine(kind, name, "exec cat >/dev/null");
  const child = spawn(program, args, { stdio: ["pipe", "ignore", "ignore"], detached: true });
  // Both mean that there is no shared connection, which is no failure.
  child.on("error", () => undefined);
  child.stdin?.on("error", () => undefined);
  return () => void child.stdin?.end();
}
