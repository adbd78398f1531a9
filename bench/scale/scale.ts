/**
 * npm run bench:scale -- [--volumes 1,10,50] [--repetitions N] [--out FILE.json]
 *
 * How `pulumi preview` and `up` without changes grow with the number of volumes, as ratios to an empty Pulumi program
 * of the same repetition (docs/bench.md). No machine is needed: the engine is real, KVM hosts and mirrors are played.
 */
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { measure } from "./measure.ts";
import { tables } from "./table.ts";

const { values } = parseArgs({
  options: {
    volumes: { type: "string", default: "1,10,50" },
    repetitions: { type: "string", default: "5" },
    out: { type: "string", default: "scale.json" },
  },
});
const volumes = values.volumes.split(",").map(Number);
const repetitions = Number(values.repetitions);
if (![...volumes, repetitions].every((number) => Number.isInteger(number) && number > 0)) {
  process.stderr.write(
    "bench:scale: --volumes takes numbers from 1 on, with commas between; --repetitions one of them\n",
  );
  process.exit(64);
}
const machine = { processor: cpus()[0]?.model ?? "unknown", processors: cpus().length, node: process.version };
let table = "";
await measure({
  repository: fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, ""),
  volumes,
  repetitions,
  say: (line) => process.stderr.write(`bench:scale: ${line}\n`),
  keep: (sizes) => {
    writeFileSync(values.out, `${JSON.stringify({ machine, sizes }, undefined, 2)}\n`);
    table = tables(sizes);
  },
});
process.stdout.write(table);
