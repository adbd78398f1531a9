import { type Load, loads } from "../loads.ts";
import type { Report } from "./report.ts";
import type { Spread } from "./spread.ts";

/** Three significant digits, never an exponent: 0.086, 12.7, 339, 7127. */
export function digits(value: number): string {
  if (value === 0) return "0";
  const places = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(places, 6));
}

/** `135 (120–140)`: the median and the range; a dash for what was not measured. */
export function spreadWords(spread: Spread | undefined, show: (value: number) => string = digits): string {
  if (spread === undefined) return "–";
  const { median, min, max, count } = spread;
  return count === 1 ? show(median) : `${show(median)} (${show(min)}–${show(max)})`;
}

export const ratioDigits = (value: number): string => value.toFixed(2);

/** Loads of the report, in its order, that this version knows. */
export function loadsOf({ loads: names }: Report): readonly Load[] {
  return names.flatMap((name) => loads.filter((load) => load.name === name));
}

/** What has to be known to read the figures, a sentence each. */
export function conditions(report: Report): readonly string[] {
  const { machine, slow, diskSpeed, seconds, region, repetitions, seed, complete, samples, failures } = report;
  const done = new Set(samples.map(({ repetition }) => repetition)).size;
  return [
    `Stack ${report.stack}, ${report.started.slice(0, 16).replace("T", " ")} UTC, seed ${seed}: ` +
      `${done} of ${repetitions} repetitions${complete ? "" : " (the run ended early)"}, at most ${seconds} s and ` +
      `${Math.round(region / 2 ** 20)} MiB a measurement.`,
    `Guests ${machine.guests === "kvm" ? "on KVM" : "emulated"}; ${machine.processors} × ${machine.processor}; ` +
      `QEMU ${machine.qemu}.`,
    ...(slow === 1 ? [] : [`Slowed time: the guests' clock runs ${slow} times slower, and figures are by that clock.`]),
    ...(diskSpeed === null
      ? slow === 1
        ? []
        : ["Disks and cables are not slowed: they are too fast by the same factor."]
      : [
          `Disks are held to ${digits(diskSpeed.bytesPerSecond / 1e6)} MB/s and ` +
            `${digits(diskSpeed.requestsPerSecond)} requests/s by the guests' clock.`,
        ]),
    ...(failures.length === 0 ? [] : [`Measurements that failed: ${failures.length}; they are listed at the end.`]),
  ];
}

/** A Markdown table. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
