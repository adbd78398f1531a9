import { refusing } from "../../refused.ts";
import type { Inventory, InventoryVolume } from "../../inventory/inventory.ts";
import { bothCopies, recoverySteps, rollBackStep } from "../act/recoverySteps.ts";
import { carryOut } from "../act/steps.ts";
import { decideRecovery } from "../decide/decideRecovery.ts";
import { decideRollBack } from "../decide/decideRollBack.ts";
import { diagnoseVolume } from "../decide/diagnoseVolume.ts";
import { mirrorNamed, volumeNamed } from "../stack/named.ts";
import { explainDiagnosis } from "../tell/explainDiagnosis.ts";
import { inventoryFor, lookAt } from "./look.ts";
import type { Acting } from "./options.ts";
import { recordsOf } from "./recordsOf.ts";

export interface RecoverOptions extends Acting {
  readonly volume: string;
  /** Mirror whose data stays. */
  readonly keep: string | undefined;
  /** The phrase that a refusal shows. */
  readonly confirm: string | undefined;
  /** The losing side's blocks are not copied to a file first. */
  readonly withoutCopy: boolean;
  /** Mirror whose copy goes back to what it was before a synchronisation that did not end. */
  readonly rollBack: string | undefined;
}

/**
 * `kvm-mirror recover`: explains what keeps a volume's copies apart, and brings them together
 * again; takes a new disk into use. @throws when it refused or failed
 */
export async function recover(options: RecoverOptions): Promise<void> {
  const { screen, dryRun, keep, confirm, withoutCopy } = options;
  const inventory = await inventoryFor(options);
  const volume = refusing(() => volumeNamed(inventory, options.volume));
  if (options.rollBack !== undefined) return rollBack(options, inventory, volume, options.rollBack);
  const copies = await bothCopies(inventory, volume, await lookAt(inventory, options));
  const diagnosis = diagnoseVolume(...copies);
  screen.write(explainDiagnosis(volume.name, copies, diagnosis));
  const decided = refusing(() => decideRecovery(volume.name, copies, diagnosis, { keep, confirm, withoutCopy }));
  const records = recordsOf(inventory, options, confirm);
  await carryOut(recoverySteps({ inventory, volume, say: screen.say }, decided), { dryRun, ...screen, records });
}

/** The other mirror is lost: its copy cannot be asked, and need not be. */
async function rollBack(
  options: RecoverOptions,
  inventory: Inventory,
  volume: InventoryVolume,
  mirror: string,
): Promise<void> {
  const { screen, dryRun, keep, confirm } = options;
  refusing(() => {
    if (keep !== undefined) throw new Error("--roll-back goes without --keep: the other copy is not there to be kept");
    mirrorNamed(inventory, mirror);
  });
  const seen = await lookAt(inventory, options);
  const words = { volume: volume.name, mirror, confirmed: confirm };
  const step = rollBackStep(
    { inventory, volume, say: screen.say },
    refusing(() => decideRollBack(inventory, seen, words)),
  );
  await carryOut([step], { dryRun, ...screen, records: recordsOf(inventory, options, confirm) });
}
