import type { GroupPlan, VolumePlan } from "../plan/plan.ts";
import { protocols } from "./exports/protocols.ts";
import { word } from "./quoting.ts";

/** Interface of a mirror in the storage network. */
const storageInterface = "storage0";

/**
 * `/etc/kvm-mirror/<group>.env`: what the group's scripts and units know. Read by
 * shell and systemd: words without quotes, a list in double ones.
 */
export function renderGroupEnv(group: GroupPlan, volumes: readonly VolumePlan[]): string {
  const yesNo = (value: boolean): string => (value ? "yes" : "no");
  return [
    `VIP=${word(group.vip, "VIP")}`,
    `VIP_PREFIX=${group.prefix}`,
    `VIP_INTERFACE=${storageInterface}`,
    `VOLUMES="${volumes.map((volume) => word(volume.name, "volume")).join(" ")}"`,
    ...protocols.flatMap((protocol) => {
      const variable = protocol.name.toUpperCase();
      const used = volumes.some((volume) => protocol.exportName(volume) !== undefined);
      return [`${variable}=${yesNo(used)}`, `${variable}_PORT=${protocol.port(group)}`];
    }),
    "",
  ].join("\n");
}
