import { refusing } from "../../refused.ts";
import { carryOut, type Step } from "../act/steps.ts";
import { decideSwitch } from "../decide/decideSwitch.ts";
import { selectGroups } from "../decide/selectGroups.ts";
import { viewGroup } from "../observe/groupSight.ts";
import { switchGroup } from "../remote/runScript.ts";
import { isExported, mirrorNamed } from "../stack/named.ts";
import { inventoryFor, lookAt } from "./look.ts";
import type { Acting } from "./options.ts";
import { recordsOf } from "./recordsOf.ts";

export interface SwitchOptions extends Acting {
  /** A volume, whose group moves as a whole, or `all`. */
  readonly selection: string;
  /** Mirror that they move to. */
  readonly to: string;
}

/** `kvm-mirror switch`: planned switch of export groups. @throws when one did not move */
export async function switchGroups(options: SwitchOptions): Promise<void> {
  const { screen, dryRun } = options;
  const inventory = await inventoryFor(options);
  const to = refusing(() => mirrorNamed(inventory, options.to));
  const groups = refusing(() => selectGroups(inventory, options.selection));
  const seen = await lookAt(inventory, options);
  const steps: Step[] = [];
  for (const group of groups) {
    const decision = refusing(() => decideSwitch(viewGroup(inventory, seen, group), to.name));
    if (decision.kind === "there") {
      screen.say(`group ${group} runs on ${to.name} already`);
      continue;
    }
    const from = mirrorNamed(inventory, decision.from);
    steps.push({
      title:
        `group ${group}: ${inventory.failover.mode === "automatic" ? "the cluster is paused; " : ""}${to.name} ` +
        `gets ready; ${from.name} ${isExported(inventory, group) ? "ends its servers, takes the VIP down and " : ""}` +
        `lets the volumes go; ${to.name} takes them`,
      run: () => switchGroup(inventory.failover, group, from, to),
    });
  }
  await carryOut(steps, { dryRun, ...screen, records: recordsOf(inventory, options) });
  if (!dryRun && steps.length > 0)
    screen.say(
      "done; `pulumi up` leaves it there. To prefer it for good, set " +
        `preferredMirror: ${to.name} in kvm-mirror:groups`,
    );
}
