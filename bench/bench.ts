/**
 * `kvm-mirror bench`: how fast a stack's disks are, beside the same disk without a mirror. See docs/bench.md.
 * Exit status 0: all was measured; 1: it failed, or ended early; 3: refused, and nothing was written; 64: usage.
 */
import { slowedTimeOf } from "../harness/slowedTime.ts";
import { systemOf } from "../harness/system.ts";
import { messageOf } from "../plugins/serving/messageOf.ts";
import { hostScript } from "../src/operate/remote/runScript.ts";
import { hostNamed } from "../src/operate/stack/named.ts";
import { readInventory } from "../src/operate/stack/readInventory.ts";
import { stackName } from "../src/operate/stack/stackName.ts";
import { Refused } from "../src/refused.ts";
import { alternativesRig } from "./alternatives/rig.ts";
import { benchOf } from "./benchOf.ts";
import { cleanUp } from "./cleanUp.ts";
import type { Context } from "./context.ts";
import { diskRig } from "./disks.ts";
import { layerRig } from "./layers.ts";
import { stopJobs } from "./measure.ts";
import { parseOptions, usage, UsageError } from "./options.ts";
import { serverRig } from "./serverRig.ts";

const rigs = { disks: diskRig, layers: layerRig, servers: serverRig, alternatives: alternativesRig } as const;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    say(usage);
    return 0;
  }
  const options = parseOptions(args, new Date());
  const stack = stackName(options.stack);
  const system = systemOf(readInventory(stack), undefined, slowedTimeOf(process.env.KVM_MIRROR_OPERATOR));
  const { inventory } = system;
  let interrupted = false;
  const context: Context = {
    system,
    options,
    hostScript: (host, seconds, script, ...words) => hostScript(hostNamed(inventory, host), seconds, script, ...words),
    say,
    wanted: () => !interrupted,
  };
  if (options.cleanUp) {
    await cleanUp(context);
    return 0;
  }
  const places = [
    ...inventory.clients.filter(({ ssh }) => ssh !== undefined).map(({ name }) => ({ kind: "client", name }) as const),
    ...inventory.mirrors.map(({ name }) => ({ kind: "mirror", name }) as const),
  ];
  const interrupt = (): void => {
    say(interrupted ? "it is ending already" : "this measurement is ended; what was made is taken away");
    if (interrupted) return;
    interrupted = true;
    // A machine that does not answer is waited for no longer than the measurement itself is.
    void Promise.allSettled(places.map((place) => stopJobs(context, [place])));
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupt);
  try {
    const { report, files } = await benchOf(context, rigs[options.part]);
    say(files.join(", "));
    const told = report.cuts.every(({ compared }) => compared > 0);
    return report.complete && report.failures.length === 0 && told ? 0 : 1;
  } catch (error) {
    // What was ended half way fails, and that is no news.
    if (interrupted) throw new Error(`ended by a signal (${messageOf(error)})`);
    throw error;
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`bench: ${messageOf(error)}\n`);
  process.exitCode = error instanceof UsageError ? 64 : error instanceof Refused ? 3 : 1;
}
