import type { AutomaticPlan } from "../../plan/placement/failover.ts";
import { mirrorCount } from "../../plan/placement/pair.ts";
import { element, type Element } from "../xml.ts";

/** Name of a volume's promotable clone; the two instances are `drbd-<volume>`. */
export const volumeClone = (volume: string): string => `drbd-${volume}-clone`;
/** Name of what exports a group. */
export const groupExports = (group: string): string => `exports-${group}`;
/** Name of a group's VIP. */
export const groupVip = (group: string): string => `vip-${group}`;

/** `nvpair`s of a set, in the order given. */
export function pairs(set: string, values: Readonly<Record<string, string | number>>): readonly Element[] {
  return Object.entries(values).map(([name, value]) => element("nvpair", { id: `${set}-${name}`, name, value }));
}

type Times = Pick<AutomaticPlan, "operationTimeout" | "monitorInterval" | "diskTimeout">;

/**
 * A volume on both mirrors, Promoted on one (ocf:linbit:drbd).
 * unfence_if_all_uptodate: takes DRBD's own constraint away when both disks are
 * UpToDate without a synchronisation in between. Two monitors may not have equal intervals, hence the second more.
 * failure-timeout: a failure that is long over must be forgotten before the next failover,
 * which would otherwise begin by restarting the volume on the mirror
 * that has to take over; restarted alone, its copy is only Consistent, and may not be promoted.
 */
export function volumeResource(volume: string, { operationTimeout, monitorInterval }: Times): Element {
  const id = `drbd-${volume}`;
  const clone = volumeClone(volume);
  return element("clone", { id: clone }, [
    element(
      "meta_attributes",
      { id: `${clone}-meta` },
      pairs(`${clone}-meta`, {
        promotable: "true",
        "promoted-max": 1,
        "promoted-node-max": 1,
        "clone-max": mirrorCount,
        "clone-node-max": 1,
        notify: "true",
        interleave: "true",
        "failure-timeout": "60s",
      }),
    ),
    element("primitive", { id, class: "ocf", provider: "linbit", type: "drbd" }, [
      element(
        "instance_attributes",
        { id: `${id}-parameters` },
        pairs(`${id}-parameters`, { drbd_resource: volume, unfence_if_all_uptodate: "true" }),
      ),
      element("operations", {}, [
        ...["start", "promote", "demote", "stop", "notify"].map((name) => operation(id, name, operationTimeout)),
        operation(id, "monitor", operationTimeout, monitorInterval, "Promoted"),
        operation(id, "monitor", operationTimeout, monitorInterval + 1, "Unpromoted"),
      ]),
    ]),
  ]);
}

/**
 * VIP of a group, at which its clients wait, and the servers. A mirror on which
 * one of them does not start is not tried again for ten minutes.
 */
export const groupResources = (group: string, times: Times): readonly Element[] => [
  groupResource(groupVip(group), "vip", group, times, []),
  groupResource(groupExports(group), "exports", group, times, [diskLook(groupExports(group), times)]),
];

/**
 * The look at whether a data disk hangs. A volume on such a disk cannot be demoted, because its writes have no end; so
 * the mirror is turned off at once, and no stop is tried first (on-fail fence). Two monitors may not have equal
 * intervals.
 */
function diskLook(exports: string, { operationTimeout, monitorInterval, diskTimeout }: Times): Element {
  const id = `${exports}-disks`;
  const { name, attributes } = operation(exports, "monitor", operationTimeout, monitorInterval + 1);
  return element(name, { ...attributes, id, "on-fail": "fence" }, [
    element(
      "instance_attributes",
      { id: `${id}-parameters` },
      pairs(`${id}-parameters`, { OCF_CHECK_LEVEL: 10, disk_timeout: diskTimeout }),
    ),
  ]);
}

function groupResource(
  id: string,
  type: "vip" | "exports",
  group: string,
  { operationTimeout, monitorInterval }: Times,
  looks: readonly Element[],
): Element {
  return element("primitive", { id, class: "ocf", provider: "kvm-mirror", type }, [
    element("instance_attributes", { id: `${id}-parameters` }, pairs(`${id}-parameters`, { group })),
    element(
      "meta_attributes",
      { id: `${id}-meta` },
      pairs(`${id}-meta`, { "migration-threshold": 3, "failure-timeout": "600s" }),
    ),
    element("operations", {}, [
      ...["start", "stop"].map((name) => operation(id, name, operationTimeout)),
      operation(id, "monitor", operationTimeout, monitorInterval),
      ...looks,
    ]),
  ]);
}

export function operation(resource: string, name: string, timeout: number, interval = 0, role?: string): Element {
  const id = `${resource}-${name}${role === undefined ? "" : `-${role.toLowerCase()}`}`;
  return element("op", { id, name, interval: `${interval}s`, timeout: `${timeout}s`, role });
}
