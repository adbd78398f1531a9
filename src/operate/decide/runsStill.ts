import type { Inventory } from "../../inventory/inventory.ts";
import { mirrorNamed } from "../stack/named.ts";
import { stopCommand } from "../stack/startCommand.ts";

/**
 * Why a mirror that cannot be asked is not given up for the last copy of the other one: its KVM host says that it runs,
 * so that it may be serving, with the last writes.
 */
export function runsStill(inventory: Inventory, lost: string, to: string): string {
  const { host } = mirrorNamed(inventory, lost);
  return (
    `${lost} runs, its KVM host ${host} says, although it does not answer you: it may be serving, with writes that ` +
    `${to} lacks. Make it answer (management network; virsh console ${lost} on ${host}; virsh reset ${lost} where it ` +
    `hangs): as soon as both meet, they know. Only if it can never be used again, turn it off first: ` +
    `${stopCommand(inventory, lost)}; then repeat`
  );
}
