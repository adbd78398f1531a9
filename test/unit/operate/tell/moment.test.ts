import { expect, it } from "vitest";
import { Refused } from "../../../../src/refused.ts";
import { momentOf } from "../../../../src/operate/tell/moment.ts";

/** 2026-11-27 14:00 UTC. */
const now = 1_795_788_000;

it.each([
  ["90m", now - 90 * 60],
  ["2h", now - 7200],
  ["3d", now - 3 * 86_400],
  ["2026-11-27 13:00", now - 3600],
  ["2026-11-27T13:00:30Z", now - 3570],
  ["2026-11-27 13:00:00 UTC", now - 3600],
  ["2026-11-27 14:00+01:00", now - 3600],
  ["2026-11-27", now - 14 * 3600],
])("%s is a moment", (text, moment) => expect(momentOf(text, now)).toBe(moment));

it.each(["", "2", "2 h", "yesterday", "-2h", "2026-13-01", "13:00", "2026-11-27 25:00"])("%s is none", (text) => {
  expect(() => momentOf(text, now)).toThrow(Refused);
  expect(() => momentOf(text, now)).toThrow(`"${text}" is no moment: type so long ago (90m, 2h, 3d)`);
});
