import { describe, expect, it } from "vitest";
import { blockSize, decodeBlock, encodeBlock } from "../../../torture/oracle/block.ts";
import { checkImage } from "../../../torture/oracle/check.ts";
import { historyOf, mixture, run, written, zeros } from "./disk.ts";

/** Kinds of violation of block 5, which this is the content of, after a history. */
const seen = (history: ReturnType<typeof historyOf>, block: Buffer): readonly string[] =>
  checkImage(history, run, 5, block).violations.map(({ kind }) => kind);

describe("a block", () => {
  it("is read as it was written", () => {
    expect(decodeBlock(encodeBlock({ run, lane: 2, lba: 2 ** 40, seq: 9 }))).toEqual({
      kind: "whole",
      run,
      lane: 2,
      lba: 2 ** 40,
      seq: 9,
    });
    expect(decodeBlock(zeros)).toEqual({ kind: "foreign" });
    expect(() => decodeBlock(Buffer.alloc(512))).toThrow("a block has 4096 bytes, not 512");
  });

  it("is torn when any single bit of it differs", () => {
    const block = written(5, 3);
    for (let offset = 8; offset < blockSize; offset += 61) {
      const damaged = Buffer.from(block);
      damaged.writeUInt8(damaged.readUInt8(offset) ^ (1 << (offset % 8)), offset);
      expect(decodeBlock(damaged).kind, `byte ${offset}`).toBe("torn");
    }
  });

  it("is torn when a header of another write stands on it, even with its own check sum", () => {
    expect(decodeBlock(mixture(written(5, 4), written(5, 3))).kind).toBe("torn");
    expect(decodeBlock(Buffer.concat([written(5, 4).subarray(0, 48), written(5, 3).subarray(48)])).kind).toBe("torn");
  });
});

describe("what may stand in a block", () => {
  const acked = (): ReturnType<typeof historyOf> => historyOf("i 0 5 1", "a 0 5 1", "i 0 5 2", "a 0 5 2");

  it("is the acknowledged write", () => expect(seen(acked(), written(5, 2))).toEqual([]));
  it("is a later write that began", () =>
    expect(seen(historyOf("i 0 5 1", "a 0 5 1", "i 0 5 4", "i 0 5 7"), written(5, 4))).toEqual([]));
  it("is a later write that failed, or the one before it", () => {
    const history = () => historyOf("i 0 5 1", "a 0 5 1", "i 0 5 4", "e 0 5 4");
    expect(seen(history(), written(5, 4))).toEqual([]);
    expect(seen(history(), written(5, 1))).toEqual([]);
  });
  it("is anything before the first write, but not this run's block", () => {
    for (const block of [
      zeros,
      written(5, 9, { run: 3 }),
      mixture(written(5, 1, { run: 3 }), written(5, 2, { run: 3 })),
      Buffer.alloc(blockSize, 7),
    ])
      expect(seen(historyOf(), block)).toEqual([]);
    expect(seen(historyOf(), written(5, 1))).toEqual(["never-written"]);
    expect(seen(historyOf(), written(6, 1))).toEqual(["misplaced"]);
  });
  it("is anything whole while the first write is not acknowledged", () => {
    expect(seen(historyOf("i 0 5 1"), zeros)).toEqual([]);
    expect(seen(historyOf("i 0 5 1"), written(5, 1))).toEqual([]);
    expect(seen(historyOf("i 0 5 1"), mixture(written(5, 1), zeros))).toEqual(["torn"]);
  });
});

describe("what is caught", () => {
  const acked = (): ReturnType<typeof historyOf> => historyOf("i 0 5 1", "a 0 5 1", "i 0 5 2", "a 0 5 2");

  it.each([
    ["an older write", written(5, 1), "lost"],
    ["nothing", zeros, "lost"],
    ["an earlier run", written(5, 2, { run: 3 }), "lost"],
    ["a mixture of two writes", mixture(written(5, 1), written(5, 2)), "torn"],
    ["a half-written block", mixture(written(5, 2), zeros), "torn"],
    ["another block's content", written(6, 2), "misplaced"],
    ["another lane's content", written(5, 2, { lane: 1 }), "misplaced"],
    ["a write that never began", written(5, 3), "never-written"],
  ])("%s", (_, block, kind) => expect(seen(acked(), block)).toEqual([kind]));

  it("an unflushed write of lane C that was flushed later, after the kill, and is gone", () => {
    const history = historyOf("i 2 5 1", "i 2 5 2", "a 2 5 1", "a 2 5 2");
    expect(seen(history, written(5, 1, { lane: 2 }))).toEqual(["lost"]);
  });

  it("a write that failed and comes to light after a later one was acknowledged", () => {
    expect(seen(historyOf("i 0 5 1", "a 0 5 1", "i 0 5 2", "e 0 5 2", "i 0 5 3", "a 0 5 3"), written(5, 2))).toEqual([
      "lost",
    ]);
  });

  it("a write that was seen, and is gone at the next read-back, though nobody was told that it is done", () => {
    const history = historyOf("i 0 5 1", "a 0 5 1", "i 0 5 2", "e 0 5 2");
    expect(seen(history, written(5, 2))).toEqual([]);
    expect(seen(history, written(5, 1))).toEqual(["flipped-back"]);
    expect(seen(history, zeros)).toEqual(["lost"]);
    expect(seen(history, written(5, 2))).toEqual([]);
  });

  it("says where, what was found and what is legal", () => {
    expect(checkImage(acked(), run, 5, Buffer.concat([written(5, 1), written(6, 1)])).violations).toEqual([
      { kind: "lost", lba: 5, detail: "lane A: write 2 was acknowledged; found write 1" },
      { kind: "never-written", lba: 6, detail: "nothing was acknowledged; found write 1" },
    ]);
  });

  it("counts what it compared, and refuses a read-back that is cut short", () => {
    expect(checkImage(acked(), run, 4, Buffer.concat([zeros, written(5, 2)]))).toEqual({ blocks: 2, violations: [] });
    expect(() => checkImage(acked(), run, 5, Buffer.alloc(4000))).toThrow("no whole number of blocks");
    expect(() => checkImage(acked(), run, 5, Buffer.alloc(0))).toThrow("no whole number of blocks");
  });
});

describe("the writer's story", () => {
  it.each([
    [["a 0 5 1"], "acknowledged and never began"],
    [["i 0 5 2", "a 0 5 2", "i 0 5 1"], "write 1 begins after write 2"],
    [["i 0 5 1", "i 0 5 2", "a 0 5 2", "a 0 5 1"], "an acknowledged write follows it"],
    [["i 0 5 1", "i 1 5 2"], "written by lanes 0 and 1"],
  ])("must not contradict itself: %j", (lines, message) => expect(() => historyOf(...lines)).toThrow(message));

  it("counts acknowledgements and errors", () => {
    const history = historyOf("i 0 5 1", "a 0 5 1", "i 0 5 2", "e 0 5 2");
    expect([history.acknowledged, history.errors]).toEqual([1, 1]);
  });
});
