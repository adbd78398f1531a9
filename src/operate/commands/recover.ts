import { refusing } from "../../refused.ts";
import { bothCopies, recoverySteps } from "../act/recoverySteps.ts";
import { carryOut } from "../act/steps.ts";
import { decideRecovery } from "../decide/decideRecovery.ts";
import { diagnoseVolume } from "../decide/diagnoseVolume.ts";
import { volumeNamed } from "../stack/named.ts";
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
}

/**
 * `kvm-mirror recover`: explains what keeps a volume's copies apart, and brings them together
 * again; takes a new disk into use. @throws when it refused or failed
 */
export async function recover(options: RecoverOptions): Promise<void> {
  const { screen, dryRun, keep, confirm, withoutCopy } = options;
  const inventory = await inventoryFor(options);
  const volume = refusing(() => volumeNamed(inventory, options.volume));
  const copies = await bothCopies(inventory, volume, await lookAt(inventory, options));
  const diagnosis = diagnoseVolume(...copies);
  screen.write(explainDiagnosis(volume.name, copies, diagnosis));
  const decided = refusing(() => decideRecovery(volume.name, copies, diagnosis, { keep, confirm, withoutCopy }));
  const records = recordsOf(inventory, options, confirm);
  await carryOut(recoverySteps({ inventory, volume, say: screen.say }, decided), { dryRun, ...screen, records });
}
