import { describe, expect, it } from "vitest";
import { parseJournal, printable } from "../../../../src/operate/history/journal.ts";
import { line } from "./lines.ts";

const kernel = line("kernel", 1000, "block drbd0: role( Secondary -> Primary )");

describe("a journal", () => {
  it("is read with its extent", () => {
    expect(parseJournal(`journal 990 whole\n${kernel}\n`)).toEqual({
      ...{ first: 990, cut: false, unread: 0 },
      entries: [{ at: 1_000_000, source: "kernel", message: "block drbd0: role( Secondary -> Primary )", unit: "" }],
    });
    expect(parseJournal("journal - whole\n\n")).toEqual({ first: undefined, cut: false, entries: [], unread: 0 });
  });

  it("that was cut off begins in the middle of an entry, which is nobody's mistake", () => {
    const { cut, entries, unread } = parseJournal(`journal 990 cut\n${kernel.slice(9)}\n${kernel}\n`);
    expect([cut, entries.length, unread]).toEqual([true, 1, 0]);
  });

  it.each([
    ["is torn", kernel.slice(0, 40)],
    ["is no JSON", "role( Secondary -> Primary )"],
    ["is a number", "17"],
    ["has no time", kernel.replace("__REALTIME", "__MONOTONIC")],
    ["has a time that is none", kernel.replace(/"1000000000"/, '"soon"')],
    ["has bytes for a message", kernel.replace(/"MESSAGE":"[^"]*"/, '"MESSAGE":[27,91,50,74]')],
    ["has a field twice, as only a hostile writer sends it", kernel.replace('"kernel"', '["kernel","syslog"]')],
  ])("counts a line as unread that %s, and reads the others", (_, bad) => {
    const { entries, unread } = parseJournal(`journal 990 whole\n${bad}\n${kernel}\n`);
    expect([entries.length, unread]).toEqual([1, 1]);
  });

  it("takes nobody's word for being root, or the kernel", () => {
    const record = line("record", 1000, "0123abcd ops@desk from 10.30.0.5 begins: failover main");
    const others = [
      record.replace('"_UID":"0"', '"_UID":"33"'),
      record.replace('"_UID":"0",', ""),
      kernel.replace('"_TRANSPORT":"kernel"', '"_TRANSPORT":"syslog"'),
    ];
    expect(parseJournal(`journal 990 whole\n${others.join("\n")}\n`)).toMatchObject({ entries: [], unread: 3 });
    expect(parseJournal(`journal 990 whole\n${record}\n`).entries).toHaveLength(1);
  });

  it.each(["", "history.sh: no\n", "journal 990\n", `${kernel}\n`])("is not an answer of something else: %j", (text) =>
    expect(() => parseJournal(text)).toThrow("does not begin with the line of history.sh"),
  );
});

describe("a text of somebody else", () => {
  it("gives a terminal no orders, and takes no second line", () =>
    expect(printable("a\u001b[2Jb\r\nc\u0007\u202ed\u009be\u00e9")).toBe("a?[2Jb??c??d?e?"));
  it("is no longer than it may be", () => expect(printable("x".repeat(2000), 10)).toBe("xxxxxxx..."));
});
