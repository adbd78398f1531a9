/**
 * `npm run torture`: kills parts of a stack while a client writes, and shows
 * whether an acknowledged write was lost. See docs/torture.md.
 * Exit status 0: every kill was clean, or a negative control was caught; 2: not so; 1: it could not be carried out.
 */
import { readFileSync } from "node:fs";
import { inventoryOf, labStack } from "../harness/place.ts";
import { slowedTimeOf } from "../harness/slowedTime.ts";
import { systemOf } from "../harness/system.ts";
import { merge } from "./report/merge.ts";
import { outcome } from "./report/judge.ts";
import { isCaught } from "./report/killTables.ts";
import { verdictLines } from "./report/page.ts";
import { writeReport } from "./report/writeReport.ts";
import { controlNamed } from "./controls/controls.ts";
import { parseOptions } from "./options.ts";
import type { Run } from "./report/report.ts";
import { tortureRun } from "./tortureRun.ts";
import { messageOf } from "../plugins/serving/messageOf.ts";

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const guestProgram = (name: string): string => readFileSync(new URL(`./guest/${name}`, import.meta.url), "utf8");

async function main(args: readonly string[]): Promise<number> {
  if (args[0] === "merge") return merge(args.slice(1), say);
  const options = parseOptions(args, new Date(), labStack);
  const control = options.control === undefined ? undefined : controlNamed(options.control, options.protocol);
  const inventory = await inventoryOf(options.stack, options.prefix);
  const mode = inventory.failover.mode;
  if (control?.modes?.includes(mode) === false)
    throw new Error(
      `control ${control.name} is for ${control.modes.join(" and ")} mode; ` +
        `stack ${options.stack} fails over in ${mode} mode`,
    );
  if (options.mode !== undefined && options.mode !== mode)
    throw new Error(`stack ${options.stack} fails over in ${mode} mode, not ${options.mode}`);
  // A control kills in one way, until it is caught.
  const how =
    control === undefined
      ? `--${options.sequences ? "sequences" : "kills"} ${options.kills}`
      : `--control ${control.name}`;
  say(
    `seed ${options.seed}: npm run torture -- --seed ${options.seed} ${how} --protocol ` +
      `${options.protocol} repeats ${control === undefined ? "the choice of kills" : "it"}`,
  );
  let interrupted = false;
  // Programs that it started are in groups of their own, so that Ctrl-C reaches this one alone.
  process.on("SIGINT", () => {
    interrupted = true;
    say("this kill is brought to its end; then the run ends");
  });
  const write = (run: Run) => writeReport({ version: 1, runs: [run] }, options.out);
  const watch = { noted: (run: Run) => void write(run), wanted: () => !interrupted };
  const run = await tortureRun(
    systemOf(inventory, options.prefix, slowedTimeOf(options.prefix)),
    { ...options, mode },
    control,
    { writer: guestProgram("writer.py"), reader: guestProgram("reader.py") },
    say,
    watch,
  );
  const report = { version: 1 as const, runs: [run] };
  const { json, page } = write(run);
  say(`${json}, ${page}`);
  if (control) {
    say(
      isCaught(run) ? `negative control ${control.name} was caught` : `negative control ${control.name} was NOT caught`,
    );
    return isCaught(run) ? 0 : 2;
  }
  for (const line of verdictLines(report)) say(line);
  return (run.kills.length === options.kills || interrupted) &&
    run.kills.length > 0 &&
    run.kills.every((kill) => outcome(kill) === "clean")
    ? 0
    : 2;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`torture: ${messageOf(error)}\n`);
  process.exitCode = 1;
}
