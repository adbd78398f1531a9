import { expect, it } from "vitest";
import { timeLeft } from "../../../../src/operate/tell/timeLeft.ts";

it.each([
  [0, "less than a minute"],
  [59, "less than a minute"],
  [60, "1 min"],
  [3569, "59 min"],
  [3600, "1 h 0 min"],
  [7507, "2 h 5 min"],
  [86_400, "1 d 0 h"],
  [86_399, "1 d 0 h"],
  [273_600, "3 d 4 h"],
])("%s seconds: %s", (seconds, words) => expect(timeLeft(seconds)).toBe(words));
