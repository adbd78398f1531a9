import type { Config } from "../../config/config.ts";
import type { Group } from "../../config/placement/groups.ts";
import { type Context, named } from "../context.ts";
import { type ExportsPlan, planPorts } from "../exports/exports.ts";

/** Volumes that have one primary and move as one. */
export interface GroupPlan {
  readonly name: string;
  /** Mirror on which the configuration would have it; where it is, is the operator's or the cluster's matter. */
  readonly preferred: string;
  /** Client after which it moves: `preferred` is the mirror on its active host. */
  readonly follows?: string;
  readonly volumes: readonly string[];
  /** Undefined: nothing of it is exported. */
  readonly exports?: ExportsPlan;
}

export function planGroups({ config }: Context): readonly GroupPlan[] {
  return Object.entries(config.groups).map(([name, group]) => ({
    name,
    preferred: group.preferredMirror,
    ...(group.follows === undefined ? {} : { follows: group.follows }),
    volumes: Object.keys(config.volumes).filter((volume) => groupName(config, volume) === name),
    ...planVip(config, group),
  }));
}

function planVip({ networks }: Config, group: Group): { readonly exports?: ExportsPlan } {
  const { vip } = group;
  return vip === undefined ? {} : { exports: { vip, prefix: networks.storage.cidr.prefix, ports: planPorts(group) } };
}

/** Name of a volume's group: the one it names, or the only one. */
export function groupName(config: Pick<Config, "groups" | "volumes">, volume: string): string {
  const name = named(config.volumes, volume).group ?? Object.keys(config.groups)[0];
  if (name === undefined) throw new Error(`volume ${volume} has no group`);
  return name;
}
