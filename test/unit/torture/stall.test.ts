import { describe, expect, it } from "vitest";
import { StallWatch } from "../../../torture/oracle/stall.ts";

const ack = (at: number) => ({ kind: "ack", lane: 0, lba: 1, seq: at, at }) as const;
const watched = (...records: readonly Parameters<StallWatch["add"]>[0][]): StallWatch => {
  const watch = new StallWatch();
  for (const record of records) watch.add(record);
  return watch;
};

describe("the stall", () => {
  it("is the longest gap between acknowledgements", () => {
    const watch = watched(ack(100), ack(200), ack(3200), ack(3900));
    expect([watch.longest, watch.calm, watch.acks]).toEqual([3, 700, 4]);
  });

  it("counts a gap that is open at the kill from its beginning, and none from before", () => {
    const watch = watched(ack(0), ack(9000), ack(9100));
    watch.begin();
    expect([watch.longest, watch.calm, watch.acks]).toEqual([0, null, 0]);
    watch.add(ack(11_100));
    expect([watch.longest, watch.acks]).toEqual([2, 1]);
  });

  it("leaves a pause out: it is no gap, and no calm", () => {
    const watch = watched(
      ack(0),
      ack(2000),
      ack(2100),
      { kind: "paused", at: 2150 },
      { kind: "resumed", at: 60_000 },
      ack(60_100),
    );
    expect([watch.longest, watch.calm]).toEqual([2, 200]);
  });
});
