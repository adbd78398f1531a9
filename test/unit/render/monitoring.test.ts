import { expect, it } from "vitest";
import { renderMonitoring } from "../../../src/render/monitoring/monitoringDocument.ts";
import { planOf } from "./sample.ts";

it("tells each mirror where node_exporter listens, in the management network", () => {
  const plan = planOf({ monitoring: { nodeExporter: true } });
  expect(plan.mirrors.map((mirror) => renderMonitoring(plan, mirror))).toEqual([
    "stack unit\nlisten 10.30.0.11:9100\nend\n",
    "stack unit\nlisten 10.30.0.12:9100\nend\n",
  ]);
});

it("tells nothing where nobody has asked for it", () => {
  for (const changes of [{}, { monitoring: {} }, { monitoring: { nodeExporter: false } }]) {
    const plan = planOf(changes);
    expect(plan.mirrors.map((mirror) => renderMonitoring(plan, mirror))).toEqual([undefined, undefined]);
  }
});
