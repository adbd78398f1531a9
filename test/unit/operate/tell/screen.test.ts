import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { screenOn } from "../../../../src/operate/tell/screen.ts";

const stream = (isTTY: boolean) => {
  const written: string[] = [];
  return { isTTY, columns: 30, written, write: (text: string) => written.push(text) };
};
/** Work that ends when it is told so. */
const work = () => {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => void (end = resolve));
  return { end, ended };
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

describe("what is at work", () => {
  it("is one line on a terminal, with the time, which makes room for what is said", async () => {
    const [out, beside] = [stream(true), stream(true)];
    const screen = screenOn(out, beside);
    const { end, ended } = work();
    const during = screen.during("asking mirrors and KVM hosts", () => ended);
    await vi.advanceTimersByTimeAsync(1000);
    expect(beside.written).toEqual(["\r\x1b[K  at work for 0:00: asking mi", "\r\x1b[K  at work for 0:01: asking mi"]);
    screen.say("done");
    expect(beside.written.at(-1)).toBe("\r\x1b[K");
    expect(out.written).toEqual(["done\n"]);
    end();
    await during;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(beside.written).toHaveLength(3);
  });

  it("is a line each half minute elsewhere", async () => {
    const [out, beside] = [stream(false), stream(false)];
    const { end, ended } = work();
    const during = screenOn(out, beside).during("switch", () => ended);
    await vi.advanceTimersByTimeAsync(89_000);
    expect(beside.written).toEqual(["  at work for 0:30: switch\n", "  at work for 1:00: switch\n"]);
    end();
    await during;
    expect(out.written).toEqual([]);
  });

  it("ends with what it threw", async () => {
    const beside = stream(true);
    const screen = screenOn(stream(true), beside);
    await expect(screen.during("switch", () => Promise.reject(new Error("no route")))).rejects.toThrow("no route");
    expect(beside.written.at(-1)).toBe("\r\x1b[K");
  });

  it("leaves half a line alone until its end is there", async () => {
    const [out, beside] = [stream(true), stream(true)];
    const screen = screenOn(out, beside);
    const { end, ended } = work();
    const during = screen.during("pulumi up", () => ended);
    screen.write("one\ntw");
    await vi.advanceTimersByTimeAsync(1000);
    screen.write("o\n");
    expect(out.written).toEqual(["one\n", "two\n"]);
    end();
    await during;
  });
});

describe("colour", () => {
  it.each([
    ["on a terminal", true, "", "\x1b[31mNeeds attention\x1b[39m"],
    ["not elsewhere", false, "", "Needs attention"],
    ["not where NO_COLOR is set", true, "1", "Needs attention"],
  ])("is there %s", (_, isTTY, noColor, text) => {
    vi.stubEnv("NO_COLOR", noColor);
    expect(screenOn(stream(isTTY), stream(isTTY)).paint("red", "Needs attention")).toBe(text);
  });
});
