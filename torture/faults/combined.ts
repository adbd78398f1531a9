import { minorOf } from "../../harness/drbd.ts";
import { sleep } from "../../harness/until.ts";
import type { Fault } from "./fault.ts";
import { bothBack, destroy, signal } from "./machines.ts";

/**
 * The primary dies while the standby is being brought up to date, slowly: its copy is
 * a mixture and must not be promoted. Service comes back when the
 * old primary does.
 */
export const destroyDuringResync: Fault = {
  kind: "destroy-during-resync",
  weight: 5,
  recovery: "return",
  possible: () => true,
  target: ({ primary }) => primary,
  async strike(system, { primary, primaryHost, standby, volume }, random) {
    const minor = minorOf(volume.device);
    await system.onMirror(
      standby,
      `drbdsetup disk-options ${minor} --c-max-rate=1M --c-min-rate=1M ` +
        `--c-fill-target=0 && drbdadm invalidate ${volume.name}`,
    );
    await sleep(3 + 5 * random.next());
    await destroy(system, primary, primaryHost);
  },
  async mend(system, situation, mode) {
    await bothBack(system, situation, mode);
    await system.onMirror(situation.standby, `drbdadm adjust ${situation.volume.name} >/dev/null 2>&1`);
  },
};

/** The primary dies, and while the standby takes over it stands still for some seconds. */
export const secondFault: Fault = {
  kind: "freeze-during-failover",
  weight: 5,
  recovery: "failover",
  possible: () => true,
  target: ({ primary, standby }) => `${primary}, then ${standby}`,
  async strike(system, { primary, primaryHost, standby, standbyHost }, random) {
    const [wait, length] = [20 * random.next(), 3 + 5 * random.next()];
    await destroy(system, primary, primaryHost);
    const freeze = async (): Promise<void> => {
      await sleep(wait);
      await signal(system, "STOP", standby, standbyHost);
      try {
        await sleep(length);
      } finally {
        await signal(system, "CONT", standby, standbyHost);
      }
    };
    return { beside: freeze() };
  },
  mend: bothBack,
};

/** Both mirrors lose their power at once: service comes back with them, and not before both have. */
export const destroyBoth: Fault = {
  kind: "destroy-both",
  weight: 4,
  recovery: "return",
  possible: () => true,
  target: ({ primary, standby }) => `${primary} and ${standby}`,
  async strike(system, { primary, primaryHost, standby, standbyHost }) {
    await Promise.all([destroy(system, primary, primaryHost), destroy(system, standby, standbyHost)]);
  },
  mend: bothBack,
};
