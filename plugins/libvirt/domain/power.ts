/** Starting and stopping domains. */
import type { Call } from "../../serving/resource.ts";
import type { Host } from "../host/host.ts";

export async function startDomain(host: Host, name: string, call: Call): Promise<void> {
  await host.run({ script: "start-domain", args: [name], signal: call.signal });
}

/**
 * Shuts a domain down as its guest would, and cuts the power when that takes
 * longer than `timeout` seconds. Off or gone already: fine.
 * `saved`: what becomes of one whose memory was saved to disk; it is not
 * shut down, and only one that goes as a whole may lose it.
 */
export async function shutDownDomain(
  host: Host,
  name: string,
  timeout: number,
  call: Call,
  saved: "refuse" | "drop" = "refuse",
): Promise<void> {
  const output = await host.run({
    script: "shutdown-domain",
    args: [name, String(timeout), saved],
    signal: call.signal,
    deadline: 0,
    onStatus: (line) => void call.status(line),
  });
  if (output.trim() === "destroyed")
    await call.log(
      "warning",
      `domain ${name} on ${host.name} did not shut down within ${timeout} s, or was paused: its power was cut`,
    );
}

/** A paused domain is on, and stays so: what stopped it has to be mended first. */
export async function reportPause(
  host: Host,
  name: string,
  found: { readonly state: string; readonly reason: string },
  call: Call,
): Promise<void> {
  if (found.state !== "paused") return;
  await call.log(
    "warning",
    `domain ${name} on ${host.name} is paused ` +
      `(${found.reason || "no reason given"}): mend the cause, then virsh ` +
      `resume ${name}`,
  );
}
