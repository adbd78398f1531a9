import type * as pulumi from "@pulumi/pulumi";
import type { Inventory } from "../inventory/inventory.ts";
import type { MirrorVm } from "./machines/MirrorVm.ts";
import { operatorCommand } from "./operatorCommand.ts";
import type { Scope } from "./scope.ts";

/**
 * The inventory of what was achieved: known once everything else is done and both mirrors
 * and the operator's machine have a copy. After an `up` that failed
 * the stack's output stays the one before (Pulumi registers no outputs of a program that
 * did not end), and so do the copies: tools go on with what there is.
 */
export function achieve(
  inventory: Inventory,
  mirrors: readonly MirrorVm[],
  after: readonly pulumi.Resource[],
  { parent, named }: Scope,
): pulumi.Output<Inventory> {
  const kept = operatorCommand(
    named("inventory"),
    {
      script: "keep-inventory.sh",
      args: [inventory.stack, ...mirrors.flatMap(({ plan }) => [plan.sshTarget, plan.hostKey])],
      stdin: `${JSON.stringify(inventory, undefined, 2)}\n`,
      rerunOn: Object.assign({}, ...mirrors.map((mirror) => mirror.identities())) as Record<
        string,
        pulumi.Output<string>
      >,
    },
    { parent, dependsOn: [...after] },
  );
  return kept.stdout.apply(() => inventory);
}
