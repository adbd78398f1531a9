import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { InventoryMirror } from "../inventory.ts";

const script = fileURLToPath(new URL("../../scripts/operator/switch-group.sh", import.meta.url));

/**
 * Moves a group from the mirror that serves it to the other one.
 * @throws with all that was said, when it did not move; the last line says where it is
 */
export function switchGroup(group: string, from: InventoryMirror, to: InventoryMirror): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile("bash", [script, group, from.ssh.target, from.ssh.hostKey, to.ssh.target, to.ssh.hostKey], { timeout: 300_000 }, (error, _, stderr) => {
      if (!error) return resolve();
      reject(new Error(stderr.trim() || error.message));
    });
  });
}
