import type { Inventory, InventoryMirror } from "../../inventory/inventory.ts";
import { missingAfterMaintenance, refuseUnequal } from "../decide/decideMaintenance.ts";
import { type GroupView, viewGroup } from "../observe/groupSight.ts";
import { observe } from "../observe/observe.ts";
import { switchGroup } from "../remote/runScript.ts";
import { type Step, waitFor } from "./steps.ts";

/** Groups leave a mirror. */
export function drainSteps(
  inventory: Inventory,
  groups: readonly string[],
  mirror: InventoryMirror,
  other: InventoryMirror,
): readonly Step[] {
  return groups.map((group) => ({
    title: `group ${group} moves from ${mirror.name} to ${other.name}`,
    run: () => switchGroup(inventory.failover, group, mirror, other),
  }));
}

/** After maintenance: no client may be left outside by the next switch. */
export function comparedStep(inventory: Inventory, mirror: string): Step {
  return {
    title: "see that both mirrors have the same configuration",
    run: async () => refuseUnequal(await viewGroups(inventory), mirror),
  };
}

/** A mirror is waited for; what is missing is said when it changes. */
export function backStep(inventory: Inventory, mirror: string, seconds: number, say: (line: string) => void): Step {
  return {
    title: `wait, at most ${seconds} s, until ${mirror} is connected and UpToDate`,
    run: async () => {
      let said = "";
      const returned = await waitFor(seconds, async () => {
        const missing = missingAfterMaintenance(await viewGroups(inventory), mirror).join("; ");
        if (missing !== said && missing !== "") say(`  ${missing}`);
        said = missing;
        return missing === "";
      });
      if (!returned) throw new Error(`${mirror} is not back after ${seconds} s: ${said}`);
    },
  };
}

/** All groups, as the mirrors show them now. */
export async function viewGroups(inventory: Inventory): Promise<readonly GroupView[]> {
  const seen = await observe(inventory);
  return inventory.groups.map(({ name }) => viewGroup(inventory, seen, name));
}
