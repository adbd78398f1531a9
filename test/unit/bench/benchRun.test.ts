import { describe, expect, it } from "vitest";
import { benchRun, type Samples } from "../../../bench/benchRun.ts";
import { nothing } from "../../../bench/fio.ts";
import { loadsNamed } from "../../../bench/loads.ts";
import { orderOf } from "../../../bench/order.ts";
import { Progress, timeWords } from "../../../bench/progress.ts";
import type { Situation, Spot } from "../../../bench/spot.ts";
import { randomFrom } from "../../../harness/random.ts";

const spot = (name: string, situation?: Situation): Spot => ({
  name,
  title: name,
  base: null,
  place: { kind: "client", name: "app-1" },
  target: { kind: "serial", serial: name },
  ...(situation ? { situation } : {}),
});
const loads = loadsNamed(["read-1m", "write-1m", "fsync-4k"]);
const plan = { spots: [spot("a"), spot("b")], loads, repetitions: 2, seed: 1 };
const names = (jobs: readonly { spot: Spot; load: { name: string } }[]): readonly string[] =>
  jobs.map((job) => `${job.spot.name} ${job.load.name}`);

describe("the order", () => {
  it("has everything once, follows from the seed, and is another one each time", () => {
    const random = randomFrom(3);
    const [first, second] = [orderOf(random, plan.spots, loads), orderOf(random, plan.spots, loads)];
    expect(names(first).toSorted()).toEqual(names(second).toSorted());
    expect(new Set(names(first)).size).toBe(6);
    expect(names(first)).not.toEqual(names(second));
    expect(names(orderOf(randomFrom(3), plan.spots, loads))).toEqual(names(first));
  });

  it("keeps together what needs the same situation", () => {
    const situation = { name: "alone", enter: async () => {}, leave: async () => {} };
    const order = orderOf(randomFrom(5), [...plan.spots, spot("c", situation)], loads).map(
      ({ spot: { name } }) => name,
    );
    expect(order.lastIndexOf("c") - order.indexOf("c")).toBe(2);
  });
});

describe("a run", () => {
  it("measures everything in each repetition, and tells what there is after each", async () => {
    const noted: Samples[] = [];
    const said: string[] = [];
    const { samples, failures, complete } = await benchRun(plan, {
      measure: async () => ({ ...nothing, bytesPerSecond: 2e6, requestMicros: 1500 }),
      say: (line) => said.push(line),
      noted: (one) => noted.push(one),
    });
    expect([samples.length, failures.length, complete]).toEqual([12, 0, true]);
    expect(noted.map((one) => [one.samples.length, one.complete])).toEqual([
      [6, false],
      [12, true],
    ]);
    expect(said[0]).toMatch(/^\[ 1\/12\] repetition 1\/2, [ab], .*: (2\.00 MB\/s|1\.50 ms); \d+ s left$/);
  });

  it("goes on after a failure, and ends after three in a row", async () => {
    let count = 0;
    const failing = (which: (number: number) => boolean) =>
      benchRun(plan, {
        measure: async () => {
          count += 1;
          if (which(count)) throw new Error("no answer");
          return nothing;
        },
        say: () => undefined,
      });
    const once = await failing((number) => number === 2);
    expect([once.samples.length, once.failures.length, once.complete]).toEqual([11, 1, true]);
    expect(once.failures[0]).toMatchObject({ repetition: 1, message: "no answer" });
    count = 0;
    const ended = await failing((number) => number > 4);
    expect([ended.samples.length, ended.failures.length, ended.complete]).toEqual([4, 3, false]);
  });

  it("ends when it is no longer wanted, without the measurement that was ended, whether it failed or not", async () => {
    for (const throws of [true, false]) {
      let count = 0;
      const { samples, failures, complete } = await benchRun(plan, {
        measure: async () => {
          count += 1;
          if (throws && count === 4) throw new Error("ended by a signal");
          return nothing;
        },
        say: () => undefined,
        wanted: () => count < 4,
      });
      expect([count, samples.length, failures.length, complete]).toEqual([4, 3, 0, false]);
    }
  });

  const happened = async (fails: "enter" | "measure" | "none") => {
    const seen: string[] = [];
    const situation: Situation = {
      name: "alone",
      enter: async () => {
        seen.push("enter");
        if (fails === "enter") throw new Error("not Primary");
      },
      leave: async () => void seen.push("leave"),
    };
    const result = await benchRun(
      { ...plan, spots: [spot("c", situation)], repetitions: 1 },
      {
        measure: async () => {
          seen.push("measure");
          if (fails === "measure") throw new Error("no answer");
          return nothing;
        },
        say: () => undefined,
      },
    );
    return { seen: seen.join(" "), failed: result.failures.length };
  };

  it("takes back a situation that it has brought about, and measures nothing where it could not", async () => {
    expect(await happened("none")).toEqual({ seen: "enter measure measure measure leave", failed: 0 });
    expect(await happened("measure")).toEqual({ seen: "enter measure measure measure leave", failed: 3 });
    expect(await happened("enter")).toEqual({ seen: "enter leave enter leave enter leave", failed: 3 });
  });
});

describe("progress", () => {
  it("says the time that is left, from the time that it took", () => {
    let now = 0;
    const progress = new Progress(120, () => now);
    now = 10_000;
    expect(progress.done("x")).toBe("[  1/120] x; 20 min left");
    now = 100_000;
    expect(progress.done("x")).toBe("[  2/120] x; 1 h 38 min left");
    expect(timeWords(89)).toBe("89 s");
  });
});
