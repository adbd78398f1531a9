import { expect, it } from "vitest";
import { bothCopies } from "../../../../src/operate/act/recoverySteps.ts";
import { gone, healthyB, inventory, seen, startA } from "../decide/twoGroups.ts";

it("two copies are not compared while a mirror does not answer, and the command that starts it is named", async () => {
  const [volume] = inventory.volumes;
  if (!volume) throw new Error("the sample has a volume");
  await expect(bothCopies(inventory, volume, seen(gone, healthyB))).rejects.toThrow(
    "mirror-a cannot be asked (Connection timed out): which copy is newer cannot be told without it. " +
      `Bring mirror-a back (if it is off: ${startA}); if its disk is lost, replace it ` +
      "(docs/runbooks/replace-a-mirror.md)",
  );
});
