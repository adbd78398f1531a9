import type { GroupView } from "../observe/groupSight.ts";
import { isStuck, stuckVolume } from "../observe/stuckWrites.ts";

/**
 * What is to be done about a mirror that serves a group and of which a data disk answers nothing: DRBD there is whole
 * and cannot be demoted, because the writes that are under way have no end. Undefined: none does.
 * @param then what is typed when it is off
 */
export function hangingDisk({ sights }: GroupView, serving: string, to: string, then: string): string | undefined {
  const volumes = sights.find(({ mirror }) => mirror === serving)?.volumes ?? [];
  const hanging = volumes
    .filter(({ writes }) => writes?.disk && isStuck(writes.disk) && (writes.volume?.stuck ?? 0) >= stuckVolume)
    .map(({ name }) => name);
  if (hanging.length === 0) return undefined;
  return (
    `the data disk of ${hanging.join(", ")} there answers nothing, and a switch would wait for it. ${to} has every ` +
    `write that was answered: turn ${serving} off (on its KVM host: virsh destroy ${serving}), then ${then}`
  );
}
