import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { expressions, renderDashboard } from "../../../monitoring/dashboard.ts";
import { program } from "../../../src/operate/commands/program.ts";

const repository = resolve(import.meta.dirname, "../../..");
const read = (path: string): string => readFileSync(resolve(repository, path), "utf8");
const namesIn = (text: string): readonly string[] => [...new Set(text.match(/kvm_mirror_[a-z_]+/g) ?? [])];

/** What the exporter may write, by name: its table, which it holds itself to. */
const table = [
  ...read("scripts/guest/monitoring/lib/metric_page.py").matchAll(/^ {4}\("(\w+)", "(\w+)", "(.+)"\),$/gm),
];
const metrics = new Map(table.map(([, name = "", type = "", help = ""]) => [`kvm_mirror_${name}`, { type, help }]));

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string; readonly runbook: string };
}
const { groups } = parse(read("monitoring/alerts.yaml")) as { groups: readonly { rules: readonly Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

describe("the metrics", () => {
  it("are named as Prometheus wants it: base units, counters with _total, no other so", () => {
    expect(metrics.size).toBeGreaterThan(40);
    for (const [name, { type, help }] of metrics) {
      expect([name, name.endsWith("_total")]).toEqual([name, type === "counter"]);
      expect(name).not.toMatch(/_(?:kib|ms|milliseconds|percent|minutes)(?:_|$)/);
      expect([name, help]).toEqual([name, expect.stringMatching(/^.{10,}\.$/)]);
    }
  });

  it("are all in docs/monitoring.md, and no others", () => {
    const told = namesIn(read("docs/monitoring.md").replaceAll("`kvm_mirror_…`", ""));
    expect([...told].sort()).toEqual([...metrics.keys()].sort());
  });
});

describe("alerts", () => {
  it("ask for metrics that the exporter writes", () => {
    for (const { alert, expr } of rules)
      expect([alert, namesIn(expr).filter((name) => !metrics.has(name))]).toEqual([alert, []]);
  });

  it.each(rules.map((rule) => [rule.alert, rule] as const))(
    "%s says how bad it is, what it means and what mends it",
    (_, rule) => {
      const { labels, annotations } = rule;
      expect(labels.severity).toMatch(/^(critical|warning|info)$/);
      expect(annotations.summary).toMatch(/\{\{ \$labels\.\w+ }}/);
      expect(annotations.description.length).toBeGreaterThan(60);
      expect(existsSync(resolve(repository, annotations.runbook))).toBe(true);
      const commands = program(() => undefined).commands.map((command) => command.name());
      for (const [, typed = ""] of annotations.description.matchAll(/`kvm-mirror (\S+?)[ `]/g))
        expect(commands).toContain(typed);
    },
  );

  it("name labels only that are left of their expression", () => {
    for (const { alert, expr, annotations } of rules) {
      const by = /^(?:\w+ by|time\(\) - \(max by) \(([\w, ]+)\)/.exec(expr)?.[1]?.split(", ");
      if (!by) continue;
      const named = [...(annotations.summary + annotations.description).matchAll(/\$labels\.(\w+)/g)].map(
        ([, name]) => name,
      );
      expect([alert, named.filter((name) => !by.includes(name ?? ""))]).toEqual([alert, []]);
    }
  });
});

describe("the dashboard", () => {
  it("is what dashboard.ts says", async () => {
    await expect(renderDashboard()).toMatchFileSnapshot(resolve(repository, "monitoring/dashboard.json"));
  });

  it("asks for metrics that the exporter writes, each query for one at least", () => {
    for (const expr of expressions) {
      expect(namesIn(expr).length, expr).toBeGreaterThan(0);
      expect(namesIn(expr).filter((name) => !metrics.has(name))).toEqual([]);
    }
  });

  it("has panels that do not overlap, within its 24 columns", () => {
    const { panels } = JSON.parse(renderDashboard()) as {
      panels: readonly { title: string; gridPos: { x: number; y: number; w: number; h: number } }[];
    };
    const cells = panels.flatMap(({ gridPos: { x, y, w } }) => Array.from({ length: w }, (_, at) => `${x + at},${y}`));
    expect(new Set(cells).size).toBe(cells.length);
    for (const { title, gridPos } of panels) expect([title, gridPos.x + gridPos.w <= 24]).toEqual([title, true]);
    expect(new Set(panels.map(({ gridPos }) => gridPos.y % 7))).toEqual(new Set([0]));
  });
});
