import { describe, expect, it } from "vitest";
import { parseSample } from "../../../torture/audits/roleSampler.ts";
import { workBetween } from "../../../torture/audits/work.ts";

describe("a sample of a mirror", () => {
  it("is its time, its role, the last process number given, and the busy seconds of its processors", () => {
    expect(parseSample("1795798585.250000 ro:Primary/Secondary 4711 2 100.00 150.50")).toEqual({
      at: 1_795_798_585_250,
      primary: true,
      lastProcess: 4711,
      busy: 49.5,
    });
    expect(parseSample("1795798585.250000 - 4711 2 100.00 150.50")).toMatchObject({ primary: false });
  });

  it("is none where the line is cut off, or says something else", () => {
    for (const line of ["", "1795798585.25", "1795798585.25 ro:Primary/Secondary 47", "no such 1 2 3 file"])
      expect(parseSample(line)).toBeUndefined();
  });
});

describe("what a mirror did in a stretch of time", () => {
  const samples = [
    { at: 1000, lastProcess: 100, busy: 10 },
    { at: 2000, lastProcess: 130, busy: 10.5 },
    { at: 3000, lastProcess: 190, busy: 12 },
    { at: 4000, lastProcess: 200, busy: 12.1 },
  ];

  it("is counted from the last sample before it to the first one after it", () => {
    expect(workBetween(samples, 2500, 2900)).toEqual({ processes: 60, cpu: 1.5 });
    expect(workBetween(samples, 1000, 4000)).toMatchObject({ processes: 100 });
  });

  it("is not known where the mirror was not seen all that time, or booted meanwhile", () => {
    expect(workBetween(samples, 500, 2000)).toBeUndefined();
    expect(workBetween(samples, 2000, 5000)).toBeUndefined();
    expect(workBetween([...samples, { at: 5000, lastProcess: 80, busy: 3 }], 2000, 4500)).toBeUndefined();
  });
});
