import { startMirror } from "../modes/mode.ts";
import { stateOf } from "../../harness/drbd.ts";
import { until } from "../../harness/until.ts";
import type { Scene, Step } from "./sequence.ts";
import { messageOf } from "../../plugins/serving/messageOf.ts";

/** The primary is saved to disk, and later started: with its memory it would be the Primary that it was. */
export function managedSave(): { readonly save: Step; readonly comesBackFresh: Step } {
  let boot: string;
  const save: Step = {
    name: "primary saved to disk",
    async run(scene) {
      const { system, situation, mode } = scene;
      const { primary, primaryHost } = situation;
      boot = await bootOf(scene);
      scene.undo("saved machine", async () => void (await system.onHost(primaryHost, dropping(primary))));
      try {
        await system.onHost(primaryHost, `virsh managedsave ${primary}`, 300);
      } catch (error) {
        // A cluster misses a machine that is being saved, and may turn it off before that is done.
        if (mode.name === "manual") throw error;
        return messageOf(error);
      } finally {
        await scene.rest();
      }
      return primary;
    },
  };
  const comesBackFresh: Step = {
    name: "old primary started",
    async run(scene) {
      const { system, situation, patience, audits } = scene;
      const { primary, primaryHost, volume } = situation;
      await startMirror(system, primary, primaryHost);
      await until(
        `${primary} answers`,
        patience.rejoin,
        async () => void (await stateOf(system, primary, volume.name)),
      );
      const { role } = await stateOf(system, primary, volume.name);
      const fresh = (await bootOf(scene)) !== boot;
      const detail = `${primary} is ${role}, ${fresh ? "booted anew" : "and goes on where it was saved"}`;
      audits.push({ name: "a saved machine boots anew", passed: fresh && role === "Secondary", detail });
      return detail;
    },
  };
  return { save, comesBackFresh };
}

const bootOf = async ({ system, situation }: Scene): Promise<string> =>
  (await system.onMirror(situation.primary, "cat /proc/sys/kernel/random/boot_id", 30)).trim();

/**
 * A machine that is still saved is not woken: what it holds in memory is
 * older than what the other mirror has written by now.
 */
const dropping = (mirror: string): string =>
  `if LC_ALL=C virsh dominfo ${mirror} | grep -q '^Managed save: *yes'; then virsh managedsave-remove ${mirror}; fi`;
