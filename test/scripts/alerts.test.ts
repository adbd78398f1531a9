import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { fires } from "./alertsThatFire.ts";
import { stays } from "./alertsThatDoNot.ts";
import { clustered, healthy, type Series } from "./watchedSite.ts";

/** What is the case, from the 20th sample on (5 minutes) where it begins later. */
export interface Situation {
  /** Series that differ from those of a site where all is well; `undefined` takes one away. */
  readonly changes: Readonly<Record<string, string | undefined>>;
  /** Automatic failover. */
  readonly cluster?: boolean;
  /** When it is looked at, and how often a sample is taken; 12 minutes and 15 s unless it is said. */
  readonly at?: string;
  readonly interval?: string;
}

const rules = resolve(import.meta.dirname, "../../monitoring/alerts.yaml");
const directory = mkdtempSync(join(tmpdir(), "kvm-mirror-alerts-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** One of promtool's tests: that exactly these alerts fire. */
function testOf(name: string, { changes, cluster, at, interval }: Situation, alerts: readonly string[]): object {
  const site: Series = cluster === true ? clustered : healthy;
  const series = Object.entries({ ...site, ...changes }).filter(([, values]) => values !== undefined);
  return {
    interval: interval ?? "15s",
    input_series: series.map(([selector, values]) => ({ series: selector, values })),
    promql_expr_test: [
      {
        // promtool repeats the expression where a test fails, with the comment, and no name.
        expr: `group by (alertname) (ALERTS{alertstate="firing"}) # ${name};`,
        eval_time: at ?? "12m",
        exp_samples: alerts.map((alert) => ({ labels: `{alertname="KvmMirror${alert}"}`, value: 1 })),
      },
    ],
  };
}

/** What promtool says of these tests, all with the same step between two looks of Prometheus; "" when all pass. */
function promtool(step: string, tests: readonly object[]): string {
  const file = join(directory, `${step}.json`);
  // YAML takes JSON.
  writeFileSync(file, JSON.stringify({ rule_files: [rules], evaluation_interval: step, tests }));
  const { error, status, stdout, stderr } = spawnSync("promtool", ["test", "rules", file], { encoding: "utf8" });
  if (error) throw new Error(`promtool (Debian package prometheus): ${error.message}`);
  return status === 0 ? "" : stdout + stderr;
}

type Expected = Situation & { readonly alerts: readonly string[] };
const quiet = Object.entries(stays).map(([name, situation]): [string, Expected] => [
  name,
  { ...situation, alerts: [] },
]);
const all: readonly (readonly [string, Expected])[] = [...Object.entries(fires), ...quiet];
const steps = [...new Set(all.map(([, { interval }]) => interval ?? "15s"))];

/** Of one call a step: a call takes seconds. */
const said = steps.map((step) =>
  promtool(
    step,
    all
      .filter(([, { interval }]) => (interval ?? "15s") === step)
      .map(([name, { alerts, ...situation }]) => testOf(name, situation, alerts)),
  ),
);
/** What promtool says of one situation. */
const saidOf = (name: string) =>
  said.flatMap((text) => text.split(/^(?= *expr: )/m)).filter((part) => part.includes(`# ${name};`));

test("Prometheus takes the rules", () => {
  const { status, stdout, stderr } = spawnSync("promtool", ["check", "rules", rules], { encoding: "utf8" });
  expect({ status, text: stdout + stderr }).toMatchObject({ status: 0, text: expect.stringContaining("SUCCESS") });
});

test("each situation has a name of its own", () => {
  expect(new Set(all.map(([name]) => name)).size).toBe(all.length);
});

describe("these fire, and no other", () => {
  test.each(Object.keys(fires))("%s", (name) => expect(saidOf(name)).toEqual([]));
});

describe("nothing fires", () => {
  test.each(Object.keys(stays))("%s", (name) => expect(saidOf(name)).toEqual([]));
});

test("promtool says nothing else, and fails where the wrong alert is expected", () => {
  expect(said.filter((text) => text !== "")).toEqual([]);
  const name = "all is well";
  expect(promtool("15s", [testOf(name, { changes: {} }, ["OneCopyLeft"])])).toMatch(/# all is well;[^]*got: *nil/);
});
