import { parseConfig } from "../../../src/check/parse.ts";
import type { AutomaticPlan } from "../../../src/plan/placement/failover.ts";
import { makePlan } from "../../../src/plan/makePlan.ts";
import type { GroupPlan } from "../../../src/plan/placement/groups.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import type { VolumePlan } from "../../../src/plan/replication/volumes.ts";
import { deriveKeys } from "../../../src/plan/secrets.ts";
import { type Changes, changed, sample as sampleConfig } from "../config/sample.ts";

export const keys = deriveKeys(sampleConfig.secret, 1, { project: "kvm-mirror", stack: "unit" });

/** The plan of the sound sample, with changes. */
export function planOf(changes: Changes = {}): Plan {
  return makePlan(parseConfig(changed(changes)), { project: "kvm-mirror", stack: "unit" });
}

/** The plan of the sample with automatic failover, with changes of its `failover`. */
export function automaticPlanOf(
  failover: Readonly<Record<string, unknown>>,
): Plan & { readonly failover: AutomaticPlan } {
  const plan = planOf({ "hosts.kvm-a.fenceAddress": "10.30.0.2", failover: { mode: "automatic", ...failover } });
  if (plan.failover.mode !== "automatic") throw new Error("the sample's failover is automatic");
  return { ...plan, failover: plan.failover };
}

export function groupOf(plan: Plan): GroupPlan {
  const [group] = plan.groups;
  if (!group) throw new Error("the sample has a group");
  return group;
}

export function volumeOf(plan: Plan, name: string): VolumePlan {
  const volume = plan.volumes.find((candidate) => candidate.name === name);
  if (!volume) throw new Error(`the sample has no volume ${name}`);
  return volume;
}
