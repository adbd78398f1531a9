import type { Context } from "../context.ts";

/** What the mirrors show to a site's monitoring. */
export interface MonitoringPlan {
  /** TCP port of node_exporter, at each mirror's management address; undefined: there is none. */
  readonly exporterPort?: number;
}

/** Registered for node_exporter: https://github.com/prometheus/prometheus/wiki/Default-port-allocations. */
const nodeExporterPort = 9100;

export function planMonitoring({ config }: Context): MonitoringPlan {
  return config.monitoring.nodeExporter ? { exporterPort: nodeExporterPort } : {};
}
