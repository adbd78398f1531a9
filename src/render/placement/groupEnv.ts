import type { GroupPlan } from "../../plan/placement/groups.ts";
import type { VolumePlan } from "../../plan/replication/volumes.ts";
import { protocols } from "../exports/protocols.ts";
import { word } from "../quoting.ts";

/** Interface of a mirror in the storage network. */
const storageInterface = "storage0";

/**
 * `/etc/kvm-mirror/<group>.env`: what the group's scripts and units know. Read by
 * shell and systemd: words without quotes, a list in double ones. A group without exports has no VIP there, and says
 * NBD=no and ISCSI=no.
 */
export function renderGroupEnv({ exports }: GroupPlan, volumes: readonly VolumePlan[]): string {
  const yesNo = (value: boolean): string => (value ? "yes" : "no");
  return [
    ...(exports
      ? [`VIP=${word(exports.vip, "VIP")}`, `VIP_PREFIX=${exports.prefix}`, `VIP_INTERFACE=${storageInterface}`]
      : []),
    `VOLUMES="${volumes.map((volume) => word(volume.name, "volume")).join(" ")}"`,
    ...protocols.flatMap((protocol) => {
      const variable = protocol.name.toUpperCase();
      const used = volumes.some((volume) => protocol.exportName(volume) !== undefined);
      return [`${variable}=${yesNo(used)}`, ...(exports ? [`${variable}_PORT=${exports.ports[protocol.name]}`] : [])];
    }),
    "",
  ].join("\n");
}
