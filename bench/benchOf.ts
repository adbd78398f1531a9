import { benchRun, type Samples } from "./benchRun.ts";
import type { Context } from "./context.ts";
import type { Rig } from "./disks.ts";
import { holdDisks, letDisksGo } from "./diskSpeed.ts";
import { holdOpen } from "./holdOpen.ts";
import { machineOf } from "./machine.ts";
import { measure } from "./measure.ts";
import type { Report } from "./report/report.ts";
import { writeReport } from "./report/writeReport.ts";

/**
 * A whole run: makes ready, measures, takes away, in this order also when something fails or somebody ends it.
 * The report is written after each repetition.
 */
export async function benchOf(
  context: Context,
  rigOf: (context: Context) => Promise<Rig>,
): Promise<{ readonly report: Report; readonly files: readonly string[] }> {
  const { system, options, say, wanted } = context;
  const { stack } = system.inventory;
  const { seed, seconds, repetitions, loads, diskSpeed } = options;
  const out = options.out ?? `bench-${stack}-${options.part}-${seed}.json`;
  const started = new Date().toISOString();
  say(`seed ${seed}: --seed ${seed} repeats the order of measurements`);
  const rig = await rigOf(context);
  const mirrors = system.inventory.mirrors.map(({ name }) => ({ kind: "mirror", name }) as const);
  const places = new Map([...mirrors, ...rig.spots.map(({ place }) => place)].map((place) => [place.name, place]));
  let letGo: readonly (() => void)[] = [];
  try {
    const machine = await machineOf(system, rig.host, rig.domain);
    await holdDisks(context, rig.held);
    letGo = [...places.values()].map((place) => holdOpen(system, place));
    const reportOf = (measured: Samples, cuts: Report["cuts"] = []): Report => ({
      version: 1,
      part: options.part,
      stack,
      seed,
      started,
      ended: new Date().toISOString(),
      machine,
      slow: system.time.slowness,
      diskSpeed,
      seconds,
      region: rig.region,
      repetitions,
      loads: loads.map(({ name }) => name),
      spots: rig.spots.map(({ name, title, base, above = null }) => ({ name, title, base, above })),
      ...measured,
      cuts: [...cuts],
    });
    const measured = await benchRun(
      { spots: rig.spots, loads, repetitions, seed },
      {
        measure: (job, repetition) => measure(context, job, rig.region, seed + repetition),
        say,
        noted: (samples) => void writeReport(reportOf(samples), out),
        wanted,
      },
    );
    const report = reportOf(measured, measured.complete ? await rig.cuts?.() : []);
    return { report, files: writeReport(report, out) };
  } finally {
    for (const end of letGo) end();
    try {
      await letDisksGo(context, rig.held);
    } finally {
      await rig.takeDown();
    }
  }
}
