import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { watch } from "../../../../src/operate/commands/watch.ts";

/** A terminal's keys that record what is done with them, and signals. */
function played(isTTY = true) {
  const done: string[] = [];
  const keys = Object.assign(new EventEmitter(), {
    isTTY,
    setRawMode: (raw: boolean) => void done.push(`raw ${raw}`),
    resume: () => void done.push("resume"),
    pause: () => void done.push("pause"),
  });
  const signals = new EventEmitter();
  const drawn: string[] = [];
  const canvas = { draw: (text: string) => void drawn.push(text), end: () => void drawn.push("(end)") };
  const left = () => keys.listenerCount("data") + signals.eventNames().length;
  return { done, keys, signals, drawn, canvas, left };
}

describe("watch", () => {
  it.each([
    ["q", "q"],
    ["Ctrl-C, which in raw mode is a key", "\x03"],
  ])("ends at %s, and gives the terminal back", async (_, key) => {
    const { done, keys, signals, drawn, canvas, left } = played();
    let looks = 0;
    const ended = watch(canvas, { keys, signals }, 0, async () => {
      looks += 1;
      if (looks === 3) keys.emit("data", Buffer.from(key));
      return { text: `look ${looks}`, result: looks };
    });
    expect(await ended).toBe(2);
    expect(drawn).toEqual(["look 1", "look 2", "(end)"]);
    expect(done).toEqual(["raw true", "resume", "raw false", "pause"]);
    expect(left()).toBe(0);
  });

  it("does not wait for a look that is at work, nor for the pause", async () => {
    const { keys, signals, canvas, drawn } = played();
    const first = watch(canvas, { keys, signals }, 3600, async () => {
      queueMicrotask(() => signals.emit("SIGTERM"));
      return { text: "one", result: 1 };
    });
    expect([1, undefined]).toContain(await first);
    const never = watch(canvas, { keys, signals }, 0, () => {
      signals.emit("SIGINT");
      return new Promise<never>(() => undefined);
    });
    expect(await never).toBeUndefined();
    expect(drawn.at(-1)).toBe("(end)");
  });

  it("leaves other keys and standard input that is no terminal alone", async () => {
    const { done, keys, signals, canvas } = played(false);
    let looks = 0;
    await watch(canvas, { keys, signals }, 0, async () => {
      looks += 1;
      keys.emit("data", Buffer.from("q"));
      if (looks === 3) signals.emit("SIGHUP");
      return { text: "", result: 0 };
    });
    expect([looks, done]).toEqual([3, []]);
  });

  it("gives the terminal back when a look throws", async () => {
    const { done, keys, signals, canvas, left } = played();
    const broken = watch(canvas, { keys, signals }, 0, () => Promise.reject(new Error("no inventory")));
    await expect(broken).rejects.toThrow("no inventory");
    expect([done.at(-1), left()]).toEqual(["pause", 0]);
  });
});
