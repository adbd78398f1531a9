import type { GroupView } from "../observe/groupSight.ts";
import { hangingDisk } from "./hangingDisk.ts";
import { inTheWay } from "./leaving.ts";
import { unequal } from "./sameOnBoth.ts";

/** Where a group moves from, or that it is there already. */
export type Switch = { readonly kind: "there" } | { readonly kind: "move"; readonly from: string };

/**
 * Whether a group may be switched to a mirror: a planned switch needs both mirrors,
 * connected, every volume UpToDate where it goes, and where it comes from
 * UpToDate or without a disk.
 * @throws saying what is in the way
 */
export function decideSwitch(view: GroupView, to: string): Switch {
  const { group, sights, unreachable } = view;
  for (const [mirror, why] of unreachable)
    throw new Error(
      `group ${group}: ${mirror} cannot be asked (${why}); a switch needs both ` +
        "mirrors. If the primary is dead: kvm-mirror failover",
    );
  const holders = sights.filter(({ holds }) => holds).map(({ mirror }) => mirror);
  if (holders.length > 1)
    throw new Error(
      `group ${group} is held by ${holders.join(" and ")}: stop it on one of them first (group-stop.sh ${group})`,
    );
  const [from] = holders;
  if (from === undefined)
    throw new Error(
      `group ${group} runs on no mirror: \`pulumi up\`, or group-start.sh ${group} on the mirror that shall have it`,
    );
  if (from === to) return { kind: "there" };
  const obstacle = inTheWay(view, to);
  if (obstacle !== undefined) throw new Error(`group ${group} stays on ${from}: ${obstacle}`);
  const hanging = hangingDisk(view, from, to, "kvm-mirror failover all");
  if (hanging !== undefined) throw new Error(`group ${group} stays on ${from}: ${hanging}`);
  const [difference] = unequal(view);
  if (difference !== undefined)
    throw new Error(`group ${group} stays on ${from}, where its clients are admitted: ${difference}`);
  return { kind: "move", from };
}
