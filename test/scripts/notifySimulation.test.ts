/**
 * Random looks at three volumes, and a reader who believes the last message: he must know of every trouble that lasts,
 * be told of nothing that is not so, and never twice of the same.
 */
import { expect, test } from "vitest";
import { randomFrom } from "../../harness/random.ts";
import { type Look, messages } from "./playedLooks.ts";

const states = [
  "Connected Primary UpToDate UpToDate",
  "Connected Secondary UpToDate UpToDate",
  "SyncSource Primary UpToDate Inconsistent",
  "WFConnection Primary UpToDate Outdated",
  "WFConnection Secondary UpToDate DUnknown",
  "WFConnection Primary UpToDate DUnknown suspended",
  "WFConnection Primary UpToDate DUnknown suspended frozen",
  "WFConnection Primary Diskless DUnknown suspended",
  "Connected Secondary Diskless UpToDate",
  "Connected Primary UpToDate UpToDate differing",
  "Connected Primary UpToDate UpToDate writes=500 disk=1",
  "Connected Secondary UpToDate UpToDate disk=500",
  "WFConnection Primary UpToDate Outdated writes=500 disk=500",
  "Unconfigured",
];
const names = ["r0", "r1", "r2"];
const settled = 4;
/** Slow writes have to last for a minute. */
const patience = (trouble: string): number => (trouble.endsWith("slow-writes") ? 15 : 1) * settled;

function randomRun(seed: number): readonly Look[] {
  const random = randomFrom(seed);
  const pick = (): string => random.pick(states);
  let look: Look = Object.fromEntries(names.map((name) => [name, pick()]));
  const looks = Array.from({ length: 150 }, () => {
    const changes = random.next() < 0.3 ? names.filter(() => random.next() < 0.5) : [];
    look = { ...look, ...Object.fromEntries(changes.map((name) => [name, pick()])) };
    return look;
  });
  // In the end all is well, for longer than anything takes.
  return [
    ...looks,
    ...Array.from({ length: 35 }, () => Object.fromEntries(names.map((name) => [name, states[1] ?? ""]))),
  ];
}

/** Troubles of a look that need no memory. */
const troublesOf = (look: Look): readonly string[] =>
  Object.entries(look).flatMap(([name, state]) => [
    ...(/Primary.* suspended/.test(state) ? [`${name} clients-stand-still`] : []),
    ...(/differing/.test(state) ? [`${name} copies-differ`] : []),
    ...(/=500/.test(state) ? [`${name} slow-writes`] : []),
    ...(state === "Unconfigured" || /^Connected \S+ UpToDate UpToDate/.test(state) ? [] : [`${name} one-copy-left`]),
  ]);
const isUrgent = (look: Look): boolean => Object.values(look).some((state) => /frozen|Diskless DUnknown/.test(state));

const runs = Array.from({ length: 60 }, (_, seed) => randomRun(seed + 1));
const said = messages(runs);

test.each(runs.map((looks, seed) => ({ looks, seed })))(
  "a reader knows what lasts, and nothing else (run $seed)",
  (run) => {
    let believed: readonly string[] = [];
    let last = "";
    const spoken = said[run.seed] ?? [];
    expect(spoken.length).toBeGreaterThan(0);
    for (const [number, look] of run.looks.entries()) {
      const at = 2 * number;
      const now = troublesOf(look);
      const lasts = (one: string): boolean => {
        const lately = run.looks.slice(Math.max(0, number - patience(one) / 2), number + 1);
        return at >= patience(one) && lately.every((each) => troublesOf(each).includes(one));
      };
      const lasting = now.filter(lasts);
      const here = spoken.filter((message) => message.at === at);
      expect(here.length, `messages at ${at}`).toBeLessThanOrEqual(1);
      for (const { kind, troubles } of here) {
        const listed = troubles.map((one) => `${one.volume} ${one.trouble}`);
        const stateless = listed.filter((one) => !one.endsWith(" failover"));
        const down = Object.keys(look).filter((name) => look[name] === "Unconfigured");
        if (kind === "whole-again") {
          expect([at, now, believed.length > 0]).toEqual([at, [], true]);
          believed = [];
          continue;
        }
        // Of a volume that is down here it is what was known before.
        expect([at, stateless.filter((one) => !now.includes(one) && !down.includes(one.split(" ")[0] ?? ""))]).toEqual([
          at,
          [],
        ]);
        const news = JSON.stringify(troubles);
        expect([at, news]).not.toEqual([at, last]);
        last = news;
        if (kind === "one-copy-left" || kind === "slow-writes") expect([at, lasting.length > 0]).toEqual([at, true]);
        if (kind === "clients-stand-still" && !isUrgent(look)) expect([at, lasting.length > 0]).toEqual([at, true]);
        believed = listed;
      }
      expect([at, lasting.filter((one) => !believed.includes(one))]).toEqual([at, []]);
    }
    expect(believed).toEqual([]);
  },
);
