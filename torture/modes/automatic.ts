import { isPrimary } from "../system/drbd.ts";
import { until } from "../system/until.ts";
import { type FailoverMode, startMirror } from "./mode.ts";

/** The cluster does it: torture only waits. */
export const automatic: FailoverMode = {
  name: "automatic",
  async failover(system, { volume, standby }, seconds) {
    const began = Date.now();
    const vip = system.inventory.groups.find(({ name }) => name === volume.group)?.vip ?? "";
    await until(`${standby} is Primary of ${volume.name}`, seconds, async () => ((await isPrimary(system, standby, volume.name)) ? undefined : "not yet"), 0.2);
    const promoted = Date.now();
    await until(`${standby} has the VIP ${vip}`, seconds, async () => ((await system.onMirror(standby, `ip -4 -o address show to ${vip}/32`)) === "" ? "not yet" : undefined), 0.2);
    return [{ name: "detection, fencing, promotion", seconds: (promoted - began) / 1000 }, { name: "exports and VIP", seconds: (Date.now() - promoted) / 1000 }];
  },
  async switchOver(system, { standby }, seconds) {
    const began = Date.now();
    const { status, output } = await system.operate("switch", ["all", "--to", standby], seconds);
    if (status !== 0) throw new Error(`npm run switch -- all --to ${standby}: exit status ${status}: ${output.trim()}`);
    return [{ name: "npm run switch", seconds: (Date.now() - began) / 1000 }];
  },
  // Fencing may have started it again already.
  comeBack: startMirror,
};
