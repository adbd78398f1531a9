import type { Config } from "../config/config.ts";
import type { Group } from "../config/groups.ts";
import { type Context, named } from "./context.ts";
import type { ExportsPlan, GroupPlan } from "./plan.ts";

export function planGroups({ config }: Context): readonly GroupPlan[] {
  return Object.entries(config.groups).map(([name, group]) => ({
    name,
    preferred: group.preferredMirror,
    volumes: Object.keys(config.volumes).filter((volume) => groupName(config, volume) === name),
    ...planExports(config, group),
  }));
}

function planExports({ networks }: Config, { vip, nbdPort, iscsiPort }: Group): { readonly exports?: ExportsPlan } {
  return vip === undefined ? {} : { exports: { vip, prefix: networks.storage.cidr.prefix, nbdPort, iscsiPort } };
}

/** Where the exports of a group are. @throws when it has none: whoever asks is about to export a volume of it */
export function exportsOf({ name, exports }: Pick<GroupPlan, "name" | "exports">): ExportsPlan {
  if (exports === undefined) throw new Error(`group ${name} has no VIP, and exports nothing`);
  return exports;
}

/** Name of a volume's group: the one it names, or the only one. */
export function groupName(config: Pick<Config, "groups" | "volumes">, volume: string): string {
  const name = named(config.volumes, volume).group ?? Object.keys(config.groups)[0];
  if (name === undefined) throw new Error(`volume ${volume} has no group`);
  return name;
}
