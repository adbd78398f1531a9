/**
 * `npm run simulate -- [--schedules N] [--seed S] [--without fix,…] [--workers N]`: N schedules, from seed S on.
 * `npm run simulate -- --seed S --tell`: one schedule, line by line.
 * `--schedule 1,2,3 [--foreign]`: one that was shrunk.
 * Exit status 0: every invariant held; 2: one did not, and its seed, the shortest
 * schedule that shows it, and how to replay it are printed.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
import { type Fixes, fixesWithout } from "./fixes.ts";
import { type Outcome, run } from "./run.ts";
import { managedOf, namesOf, parseSchedule, scheduleLength, scheduleOf, written } from "./schedule.ts";
import { shrink } from "./shrink.ts";

interface Share {
  readonly first: number;
  readonly count: number;
  readonly fixes: Fixes;
}
type Word = { readonly done: number } | { readonly seed: number; readonly violation: string };

// A refusal is an everyday thing here: nobody reads its stack.
Error.stackTraceLimit = 0;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

if (isMainThread) {
  process.exitCode = await main(process.argv.slice(2));
} else {
  const { first, count, fixes } = workerData as Share;
  work(first, count, fixes, (word) => parentPort?.postMessage(word));
}

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      schedules: { type: "string", default: "100000" },
      seed: { type: "string", default: "1" },
      without: { type: "string", default: "" },
      workers: { type: "string", default: String(availableParallelism()) },
      schedule: { type: "string" },
      foreign: { type: "boolean", default: false },
      tell: { type: "boolean", default: false },
    },
  });
  const fixes = fixesWithout(values.without.split(",").filter(Boolean));
  const [seed, schedules, workers] = [values.seed, values.schedules, values.workers].map(Number);
  if (![seed, schedules, workers].every((number) => Number.isSafeInteger(number) && (number ?? 0) > 0))
    throw new Error("--seed, --schedules and --workers are whole numbers above 0");
  if (values.schedule !== undefined) return tell(run(parseSchedule(values.schedule), fixes, !values.foreign, true));
  if (values.tell) return tell(run(scheduleOf(seed ?? 1), fixes, managedOf(seed ?? 1), true));
  return many(seed ?? 1, schedules ?? 1, workers ?? 1, fixes, values.without);
}

function tell({ log, violation }: Outcome): number {
  for (const line of log) say(line);
  say(violation === "" ? "every invariant held" : `violated: ${violation}`);
  return violation === "" ? 0 : 2;
}

async function many(first: number, count: number, workers: number, fixes: Fixes, without: string): Promise<number> {
  const began = performance.now();
  let done = 0;
  const share = Math.ceil(count / workers);
  const running: Worker[] = [];
  const found = await Promise.all(
    Array.from({ length: workers }, (_, index) => {
      const own: Share = {
        first: first + index * share,
        count: Math.max(0, Math.min(share, count - index * share)),
        fixes,
      };
      return new Promise<{ readonly seed: number; readonly violation: string } | undefined>((resolve, reject) => {
        const worker = new Worker(new URL(import.meta.url), { workerData: own });
        running.push(worker);
        let violation: { readonly seed: number; readonly violation: string } | undefined;
        worker.on("message", (word: Word) => {
          if ("done" in word) done += word.done;
          else {
            violation = word;
            for (const other of running) void other.terminate();
          }
        });
        worker.on("error", reject);
        worker.on("exit", () => resolve(violation));
      });
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  say(
    `${done} schedules of ${scheduleLength} events in ${seconds.toFixed(1)} s: ` +
      `${Math.round(done / seconds)} schedules per second`,
  );
  const [worst] = found.filter((one) => one !== undefined);
  if (!worst) {
    say("every invariant held in each of them");
    return 0;
  }
  explain(worst.seed, worst.violation, fixes, without);
  return 2;
}

function work(first: number, count: number, fixes: Fixes, report: (word: Word) => void): void {
  const schedule = new Uint8Array(scheduleLength);
  let since = 0;
  for (let seed = first; seed < first + count; seed++) {
    const { violation } = run(scheduleOf(seed, schedule), fixes, managedOf(seed));
    since++;
    if (violation !== "") {
      report({ done: since });
      return report({ seed, violation });
    }
    if (since === 5000 || seed === first + count - 1) {
      report({ done: since });
      since = 0;
    }
  }
}

/** The kind of a violation: its words without numbers. */
function kindOf(violation: string): string {
  return violation.replace(/[0-9]+/g, "N").slice(0, 50);
}

function explain(seed: number, violation: string, fixes: Fixes, without: string): void {
  const managed = managedOf(seed);
  const outcome = run(scheduleOf(seed), fixes, managed);
  const kind = kindOf(violation);
  const shortest = shrink(
    Array.from(scheduleOf(seed)).slice(0, outcome.used),
    (candidate) => kindOf(run(candidate, fixes, managed).violation) === kind,
  );
  const taken = without === "" ? "" : ` --without ${without}`;
  say(`seed ${seed}: ${violation}`);
  say(`the shortest schedule that shows it, ${shortest.length} events:`);
  for (const name of namesOf(shortest)) say(`  ${name}`);
  say(`replay: npm run simulate -- --seed ${seed} --tell${taken}`);
  say(`        npm run simulate -- --schedule ${written(shortest)}${managed ? "" : " --foreign"}${taken}`);
}
