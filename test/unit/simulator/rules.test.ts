import { describe, expect, it, test } from "vitest";
import { type Relation, relate } from "../../../src/operate/decide/generation.ts";
import { randomFrom } from "../../../harness/random.ts";
import { events } from "../../../simulator/events.ts";
import { fixesWithout } from "../../../simulator/fixes.ts";
import { managedOf, parseSchedule, scheduleLength, scheduleOf, written } from "../../../simulator/schedule.ts";
import { shrink } from "../../../simulator/shrink.ts";
import { uuidCompare } from "../../../simulator/uuidCompare.ts";
import { justCreated, Role } from "../../../simulator/words.ts";
import { platter, type Platter } from "../../../simulator/world.ts";

const disk = (current: number, bitmap: number, first: number, second: number): Platter => ({
  ...platter(current),
  bitmap,
  history: [first, second],
});
const compare = (mine: Platter, theirs: Platter, crashed: readonly [boolean, boolean] = [false, false]): number =>
  uuidCompare(
    { disk: mine, role: Role.Secondary, crashed: crashed[0] },
    { disk: theirs, role: Role.Secondary, crashed: crashed[1] },
  );

describe("the kernel's comparison of generations", () => {
  test.each([
    ["both are new", disk(justCreated, 0, 0, 0), disk(justCreated, 0, 0, 0), 0],
    ["one is new", disk(justCreated, 0, 0, 0), disk(2048, 0, 1024, 0), -2],
    ["the same", disk(2048, 0, 1024, 0), disk(2048, 0, 1024, 0), 0],
    ["the first went on alone", disk(4096, 2048, 1024, 0), disk(2048, 0, 1024, 0), 1],
    ["the second went on alone", disk(2048, 0, 1024, 0), disk(4096, 2048, 1024, 0), -1],
    ["the second went on long ago", disk(1024, 0, 512, 0), disk(4096, 0, 2048, 1024), -2],
    ["both went on from the same", disk(4096, 2048, 1024, 0), disk(8192, 2048, 1024, 0), 100],
    ["both went on, long ago", disk(4096, 2048, 1024, 3), disk(8192, 2049, 1024, 5), -100],
    ["no common past", disk(4096, 2048, 1024, 3), disk(8192, 5, 6, 7), -1000],
  ])("%s", (_, first, second, result) => {
    expect(compare(first, second)).toBe(result);
  });

  it("lets the one that went down as a Primary be the source, where the generations are the same", () => {
    expect(compare(disk(2048, 0, 1024, 0), disk(2048, 0, 1024, 0), [true, false])).toBe(1);
    expect(compare(disk(2048, 0, 1024, 0), disk(2048, 0, 1024, 0), [false, true])).toBe(-1);
  });

  it(
    "agrees with relate(), which `recover` and `failover` go by, wherever " +
      "both are without the repairs after lost messages",
    () => {
      const random = randomFrom(11);
      const words: Readonly<Record<string, Relation>> = {
        "0": "same",
        "1": "first newer",
        "2": "first newer",
        "-1": "second newer",
        "-2": "second newer",
        "100": "split",
        "-100": "split",
      };
      const pool = [0, justCreated, 1024, 2048, 3072, 4096];
      const draw = (): Platter =>
        disk(random.pick(pool.slice(1)), random.pick(pool), random.pick(pool), random.pick(pool));
      let compared = 0;
      for (let round = 0; round < 20_000; round++) {
        const [first, second] = [draw(), draw()];
        // Rules 34 to 37 repair what a broken resynchronisation left; two empty places
        // in a history are the same to the kernel and to nobody else.
        if (
          first.current === second.current ||
          [first, second].some(
            ({ history, bitmap, current }) => history.includes(0) || bitmap === current || history.includes(current),
          )
        )
          continue;
        const result = compare({ ...first, history: [...first.history] }, { ...second, history: [...second.history] });
        const related = relate(
          { current: BigInt(first.current), bitmap: BigInt(first.bitmap), history: first.history.map(BigInt) },
          { current: BigInt(second.current), bitmap: BigInt(second.bitmap), history: second.history.map(BigInt) },
        );
        if (result === -1000) expect(["unrelated", "split"]).toContain(related);
        else expect(related, JSON.stringify([first, second])).toBe(words[String(result)]);
        compared++;
      }
      expect(compared).toBeGreaterThan(2000);
    },
  );
});

describe("schedules", () => {
  it("follow from their seed", () => {
    expect(scheduleOf(7)).toEqual(scheduleOf(7));
    expect(scheduleOf(7)).not.toEqual(scheduleOf(8));
    expect(scheduleOf(7)).toHaveLength(scheduleLength);
    expect([managedOf(7), managedOf(8)]).toEqual([false, true]);
  });

  it("are written and read again", () => {
    expect(parseSchedule(written(scheduleOf(7)))).toEqual(scheduleOf(7));
    expect(() => parseSchedule(`1,${events.length}`)).toThrow("expected numbers of events from 0 to");
  });

  it("shrink to what is needed", () => {
    expect(shrink([1, 2, 3, 4, 5, 6, 7, 8, 9], (candidate) => candidate.includes(3) && candidate.includes(8))).toEqual([
      3, 8,
    ]);
  });

  it("have names of their own for each event", () => {
    expect(new Set(events.map(({ name }) => name)).size).toBe(events.length);
  });

  it("know which fixes there are", () => {
    expect(() => fixesWithout(["none"])).toThrow(
      "there is no fix none; there are: evidence, marks, suspendIo, askHosts, oneFirstSync, savedIsOn, " +
        "markWhenTold, movedIsOn, signOfLife",
    );
  });
});
