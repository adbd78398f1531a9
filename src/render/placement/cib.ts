import type { AutomaticPlan } from "../../plan/placement/failover.ts";
import { constraints } from "./cibConstraints.ts";
import { fenceDevice } from "./cibFencing.ts";
import { groupResources, pairs, volumeResource } from "./cibResources.ts";
import { type Element, element, renderXml } from "../xml.ts";

/**
 * The part of the cluster's configuration (CIB) that is ours, as a `<configuration>`.
 * cluster-apply.sh puts it in place of what an earlier one of ours
 * said and leaves alone what others have there: DRBD's own constraints, standby marks, an operator's moves.
 * - no-quorum-policy stop: without quorum (a mirror that booted alone) nothing runs.
 * - load-threshold: by default a mirror whose processors are busy does one step at a
 *   time, which made a failover of two volumes three times as long;
 *   a mirror that is busy is one whose clients wait.
 * - resource-stickiness: nothing moves back by itself when a mirror returns.
 */
export function renderCib(plan: AutomaticPlan): string {
  const { resources, constraints: rules } = clusterParts(plan);
  const configuration = element("configuration", {}, [
    element("crm_config", {}, [
      element(
        "cluster_property_set",
        { id: "kvm-mirror-options" },
        pairs("kvm-mirror-options", {
          "stonith-enabled": "true",
          "stonith-action": "reboot",
          "stonith-timeout": `${plan.fenceTimeout}s`,
          "no-quorum-policy": "stop",
          "load-threshold": "1000%",
        }),
      ),
    ]),
    element("resources", {}, resources),
    element("constraints", {}, rules),
    element("rsc_defaults", {}, [
      element(
        "meta_attributes",
        { id: "kvm-mirror-defaults" },
        pairs("kvm-mirror-defaults", { "resource-stickiness": 200 }),
      ),
    ]),
  ]);
  return renderXml(configuration);
}

/** Everything of ours whose ids are made from names of the stack file. */
export function clusterElements(plan: AutomaticPlan): readonly Element[] {
  const { resources, constraints: rules } = clusterParts(plan);
  return [...resources, ...rules];
}

function clusterParts(plan: AutomaticPlan): {
  readonly resources: readonly Element[];
  readonly constraints: readonly Element[];
} {
  const { groups, fences } = plan;
  return {
    resources: [
      ...fences.map((fence) => fenceDevice(fence, plan)),
      ...groups.flatMap(({ volumes }) => volumes.map((volume) => volumeResource(volume, plan))),
      ...groups.flatMap(({ name }) => groupResources(name, plan)),
    ],
    constraints: constraints(plan),
  };
}
