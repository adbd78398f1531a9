/** This machine as a KVM host. */
import type { Host } from "./host.ts";
import { defaultDeadline, outputOf, statusReader } from "./outcome.ts";
import { scriptCommand } from "./scriptText.ts";
import { runSpawned } from "./spawned.ts";

/** `enter`: a command put before every other one, for a host in namespaces of its own. */
export function localHost(enter: readonly string[] = [], name = "localhost"): Host {
  return {
    name,
    async run(call) {
      const command = [...enter, ...scriptCommand(call)] as unknown as readonly [string, ...string[]];
      const ended = await runSpawned(command, {
        stdin: call.document ?? "",
        signal: call.signal,
        deadline: call.deadline ?? defaultDeadline,
        onLine: statusReader(call),
      });
      return outputOf(name, call, ended);
    },
    close: () => Promise.resolve(),
  };
}
