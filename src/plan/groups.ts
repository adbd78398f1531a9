import type { Config } from "../config/config.ts";
import { type Context, named } from "./context.ts";
import type { GroupPlan } from "./plan.ts";

export function planGroups({ config }: Context): readonly GroupPlan[] {
  return Object.entries(config.groups).map(([name, group]) => ({
    name,
    vip: group.vip,
    prefix: config.networks.storage.cidr.prefix,
    nbdPort: group.nbdPort,
    iscsiPort: group.iscsiPort,
    preferred: group.preferredMirror,
    volumes: Object.keys(config.volumes).filter((volume) => groupName(config, volume) === name),
  }));
}

/** Name of a volume's group: the one it names, or the only one. */
export function groupName(config: Pick<Config, "groups" | "volumes">, volume: string): string {
  const name = named(config.volumes, volume).group ?? Object.keys(config.groups)[0];
  if (name === undefined) throw new Error(`volume ${volume} has no group`);
  return name;
}
