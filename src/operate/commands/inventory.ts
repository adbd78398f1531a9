import { fetchInventory } from "../stack/fetchInventory.ts";
import { keepLastGood, lastGoodFile } from "../stack/lastGood.ts";
import { stackName } from "../stack/stackName.ts";
import type { Screen } from "../tell/screen.ts";
import { inventoryFor } from "./look.ts";

export interface InventoryOptions {
  /** As it was typed, if it was. */
  readonly stack: string | undefined;
  readonly screen: Screen;
  /** Mirror that keeps a copy, `user@address`. */
  readonly from: string | undefined;
  /** That mirror's, `ssh-ed25519 AAAA…`; without it, it must be in known_hosts. */
  readonly hostKey: string | undefined;
}

/**
 * `kvm-mirror inventory`: the stack's inventory as JSON. With `from` it is the copy that the
 * last successful `up` left on a mirror; this machine keeps it, and the
 * other commands go on with it while Pulumi cannot be asked.
 */
export async function inventory({ stack, screen, from, hostKey }: InventoryOptions): Promise<void> {
  const found =
    from === undefined
      ? await inventoryFor({ stack: stackName(stack), screen })
      : await screen.during(`asking ${from}`, () => fetchInventory(from, hostKey, stack));
  if (from !== undefined) {
    keepLastGood(found);
    screen.note(`kept as ${lastGoodFile(found.stack)}`);
  }
  screen.write(`${JSON.stringify(found, undefined, 2)}\n`);
}
