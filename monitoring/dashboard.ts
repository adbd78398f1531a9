/** The dashboard for Grafana, as data: `renderDashboard` gives what monitoring/dashboard.json holds. */
import { type Panel, panels } from "./panels.ts";

const datasource = { name: "datasource", label: "Prometheus", type: "datasource", query: "prometheus" };
const source = { type: "prometheus", uid: "${datasource}" };

/** Every query of the dashboard, those of its variables too. */
export const expressions: readonly string[] = [
  ...panels.flatMap(({ queries }) => queries.map(({ expr }) => expr)),
  ...variables().map(({ query: { query: text } }) => text),
];

/** The dashboard as Grafana provisions it (JSON model, schema 38: Grafana 10 and later read it). */
export function renderDashboard(): string {
  const dashboard = {
    uid: "kvm-mirror",
    title: "kvm-mirror",
    tags: ["kvm-mirror", "storage"],
    schemaVersion: 38,
    editable: true,
    refresh: "30s",
    time: { from: "now-6h", to: "now" },
    timezone: "utc",
    templating: { list: [datasource, ...variables()] },
    panels: placed(),
  };
  return `${JSON.stringify(dashboard, undefined, 2)}\n`;
}

function variables() {
  const of = (name: string, text: string, several: boolean) => ({
    name,
    label: name,
    type: "query",
    datasource: source,
    query: { query: text, refId: name },
    refresh: 2,
    sort: 1,
    multi: several,
    includeAll: several,
    ...(several ? { allValue: ".*", current: { text: "All", value: "$__all" } } : {}),
  });
  return [
    of("stack", "label_values(kvm_mirror_info, stack)", false),
    of("volume", 'label_values(kvm_mirror_volume_good_copies{stack="$stack"}, volume)', true),
  ];
}

/** Panels from left to right, in rows of 24 columns; none reaches over the edge, or another one. */
function placed(): readonly object[] {
  const height = 7;
  let x = 0;
  let y = 0;
  return panels.map((panel, index) => {
    if (x + panel.width > 24) {
      x = 0;
      y += height;
    }
    const gridPos = { x, y, w: panel.width, h: height };
    x += panel.width;
    return { id: index + 1, ...panelModel(panel), gridPos };
  });
}

function panelModel({ title, about, kind, unit, queries, colours }: Panel): object {
  const steps = (colours ?? [[null, "blue"] as const]).map(([value, color]) => ({ value, color }));
  return {
    type: kind,
    title,
    description: about,
    datasource: source,
    fieldConfig: {
      defaults: { unit, min: 0, thresholds: { mode: "absolute", steps }, color: { mode: colorMode(kind) } },
      overrides: [],
    },
    options: kind === "stat" ? { colorMode: "background", textMode: "value_and_name" } : {},
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource: source,
      expr,
      legendFormat: legend,
    })),
  };
}

const colorMode = (kind: Panel["kind"]): string => (kind === "stat" ? "thresholds" : "palette-classic");
