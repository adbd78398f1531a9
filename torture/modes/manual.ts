import { offPhrase } from "../../src/operate/decideFailover.ts";
import type { System } from "../system/system.ts";
import { type FailoverMode, startMirror } from "./mode.ts";

/** An operator who types `npm run failover` or `npm run switch` at once: the time that a person needs to notice is not in the figures. */
export const manual: FailoverMode = {
  name: "manual",
  async failover(system, { primary }, { seconds, word }) {
    return [{ name: "npm run failover", seconds: await command(system, "failover", ["all", ...(word ? ["--confirm", offPhrase(primary)] : [])], seconds) }];
  },
  async switchOver(system, { standby }, seconds) {
    return [{ name: "npm run switch", seconds: await command(system, "switch", ["all", "--to", standby], seconds) }];
  },
  comeBack: startMirror,
};

/** Runs one of the operator's commands; the seconds that it took. @throws when it refuses or fails. */
export async function command(system: System, name: string, args: readonly string[], seconds: number): Promise<number> {
  const began = Date.now();
  const { status, output } = await system.operate(name, args, seconds);
  if (status !== 0) throw new Error(`npm run ${name} -- ${args.join(" ")}: exit status ${status}: ${output.trim()}`);
  return (Date.now() - began) / 1000;
}
