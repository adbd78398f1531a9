import { loads } from "../loads.ts";
import type { Report, Sample } from "./report.ts";
import { type Spread, spreadOf } from "./spread.ts";

/** What all repetitions say of one load on one spot. */
export interface Figure {
  readonly load: string;
  readonly spot: string;
  /** In the load's unit; undefined where nothing was measured. */
  readonly value: Spread | undefined;
  /**
   * Requests per second as a part of those of the spot's base, within the same repetition. Undefined where there
   * is no base, or never both were measured.
   */
  readonly ratio: Spread | undefined;
}

/** A sample in its load's unit. */
export function inUnit({ load, bytesPerSecond, requestsPerSecond, requestMicros }: Sample): number {
  const unit = loads.find(({ name }) => name === load)?.unit;
  if (unit === "ms") return requestMicros / 1000;
  return unit === "requests/s" ? requestsPerSecond : bytesPerSecond / 1e6;
}

/** The figures of a load on a spot. */
export function figureOf(report: Report, load: string, spot: string): Figure {
  const base = report.spots.find(({ name }) => name === spot)?.base ?? null;
  return {
    load,
    spot,
    value: spreadOf(samplesOf(report, load, spot).map(inUnit)),
    ratio: base === null ? undefined : spreadOf(paired(report, load, spot, base, rateRatio)),
  };
}

const rateRatio = (one: Sample, base: Sample): number => one.requestsPerSecond / base.requestsPerSecond;

/** Something of two spots, for every repetition in which both were measured. */
export function paired(
  report: Report,
  load: string,
  spot: string,
  other: string,
  of: (one: Sample, other: Sample) => number,
): readonly number[] {
  const others = samplesOf(report, load, other);
  return samplesOf(report, load, spot).flatMap((sample) => {
    const its = others.find(({ repetition }) => repetition === sample.repetition);
    return its === undefined ? [] : [of(sample, its)];
  });
}

function samplesOf({ samples }: Report, load: string, spot: string): readonly Sample[] {
  return samples.filter((sample) => sample.load === load && sample.spot === spot);
}
