import { spawn } from "node:child_process";
import type { InventoryClient } from "../../src/inventory/inventory.ts";
import type { System } from "../../harness/system.ts";

/** Seconds between two packets: what is measured is this exact. */
const interval = 0.01;

/**
 * Watches how long a client's guest stands still, from outside: its own clock stands still with it. It answers each
 * packet at once; the longest time between two answers, less the time between two packets, is the pause.
 */
export function watchPause(system: System, { name, managementAddress }: InventoryClient): { end(): Promise<number> } {
  if (managementAddress === undefined) throw new Error(`client ${name} has no management address`);
  const [program = "", ...args] = system.operatorLine(["ping", "-n", "-D", "-i", String(interval), managementAddress]);
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "ignore"], detached: true });
  let [rest, last, longest]: [string, number | undefined, number] = ["", undefined, 0];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const at = /^\[(\d+\.\d+)\] \d+ bytes from/.exec(line)?.[1];
      if (at === undefined) continue;
      if (last !== undefined) longest = Math.max(longest, Number(at) - last);
      last = Number(at);
    }
  });
  const ended = new Promise<void>((resolve) => {
    child.on("close", () => resolve());
    child.on("error", () => resolve());
  });
  return {
    async end() {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGINT");
      await ended;
      if (last === undefined) throw new Error(`client ${name} answers no ping`);
      return Math.max(0, longest - interval);
    },
  };
}
