import type { AutomaticPlan } from "../plan/failover.ts";
import { fenceDeviceName } from "./cibFencing.ts";
import { groupExports, groupVip, volumeClone } from "./cibResources.ts";
import { element, type Element } from "./xml.ts";

/** Below resource-stickiness: it decides where nothing runs yet, and moves nothing. */
const preference = 50;

/**
 * Who runs where and after what. All names begin with `kvm-mirror-`, by which
 * cluster-apply.sh tells ours from DRBD's own and an operator's.
 * - a mirror is fenced by the other one.
 * - the volumes of a group are Promoted on one mirror; its VIP and its exports are there.
 * - the exports come after all volumes and the VIP. The VIP waits for no volume: what is
 *   certain by then is that the other mirror is fenced, or has let it go.
 */
export function constraints({ fences, groups }: AutomaticPlan): readonly Element[] {
  return [
    ...fences.map(({ mirror }) =>
      element("rsc_location", {
        id: `kvm-mirror-${fenceDeviceName(mirror)}-elsewhere`,
        rsc: fenceDeviceName(mirror),
        node: mirror,
        score: "-INFINITY",
      }),
    ),
    ...groups.flatMap(({ name, preferred, volumes }) => [
      element("rsc_location", {
        id: `kvm-mirror-${name}-prefers`,
        rsc: groupExports(name),
        node: preferred,
        score: preference,
      }),
      ...volumes.flatMap((volume, index) => together(name, volume, volumes[index - 1])),
      element("rsc_colocation", {
        id: `kvm-mirror-${name}-exports-with-vip`,
        rsc: groupExports(name),
        "with-rsc": groupVip(name),
        score: "INFINITY",
      }),
      element("rsc_order", {
        id: `kvm-mirror-${name}-exports-after-vip`,
        first: groupVip(name),
        "first-action": "start",
        then: groupExports(name),
        "then-action": "start",
        kind: "Mandatory",
      }),
    ]),
  ];
}

function together(group: string, volume: string, previous: string | undefined): readonly Element[] {
  const clone = volumeClone(volume);
  return [
    ...(previous === undefined
      ? []
      : [
          element("rsc_colocation", {
            id: `kvm-mirror-${group}-${volume}-with-${previous}`,
            rsc: clone,
            "rsc-role": "Promoted",
            "with-rsc": volumeClone(previous),
            "with-rsc-role": "Promoted",
            score: "INFINITY",
          }),
        ]),
    element("rsc_colocation", {
      id: `kvm-mirror-${group}-vip-with-${volume}`,
      rsc: groupVip(group),
      "with-rsc": clone,
      "with-rsc-role": "Promoted",
      score: "INFINITY",
    }),
    element("rsc_order", {
      id: `kvm-mirror-${group}-exports-after-${volume}`,
      first: clone,
      "first-action": "promote",
      then: groupExports(group),
      "then-action": "start",
      kind: "Mandatory",
    }),
  ];
}
