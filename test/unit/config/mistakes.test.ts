import { describe, expect, it } from "vitest";
import { type Changes, mistakes, publicKey } from "./sample.ts";

/** Each bad configuration with its whole message. */
function each(cases: readonly (readonly [string, Changes, string])[]): void {
  it.each(cases)("%s", (_, changes, message) => {
    expect(mistakes(changes)).toBe(message);
  });
}
