import type { MirrorPlan } from "../../plan/machines/mirrors.ts";
import type { Plan } from "../../plan/plan.ts";
import { word } from "../quoting.ts";

/** The document of scripts/guest/monitoring/monitoring-configure.sh; undefined where nothing is to be shown. */
export function renderMonitoring({ stack, monitoring }: Plan, mirror: MirrorPlan): string | undefined {
  const { exporterPort } = monitoring;
  if (exporterPort === undefined) return undefined;
  return `stack ${word(stack, "stack")}\nlisten ${word(mirror.managementAddress, "address")}:${exporterPort}\nend\n`;
}
