import { destroyPrimary } from "../faults/machines.ts";
import type { Fault } from "../faults/fault.ts";
import type { FailoverMode } from "../modes/mode.ts";
import type { Situation } from "../situation.ts";
import { stateOf } from "../../harness/drbd.ts";
import type { System } from "../../harness/system.ts";
import { sleep, until } from "../../harness/until.ts";
import type { Control } from "./control.ts";

/**
 * The standby misses writes, the primary dies, and the standby is made primary with what it has. `promote` is how.
 * Afterwards the old primary, whose writes were lost, comes back and throws its own away: the lab is of one mind again.
 */
function staleFault(kind: string, promote: string): Fault {
  return {
    ...destroyPrimary,
    kind,
    // The failover is done here, past all that would refuse it; the run sees that it has been done.
    async strike(system, situation) {
      const { primary, primaryHost, standby, volume } = situation;
      await system.onHost(primaryHost, "ip link set cable-repl down");
      try {
        await until(`${primary} goes on without ${standby}`, 90, async () => {
          const { connection } = await stateOf(system, primary, volume.name);
          return connection === "Connected" ? connection : undefined;
        });
        await sleep(5);
        await system.onHost(primaryHost, `virsh destroy ${primary}`);
      } finally {
        await system.onHost(primaryHost, "ip link set cable-repl up");
      }
      await system.onMirror(
        standby,
        `for volume in ${volumesOf(system, situation).join(" ")}; do ${promote} "$volume" || exit 1; done; ` +
          `/usr/local/lib/kvm-mirror/group-start.sh ${volume.group} --peer-fenced ${primary}`,
        120,
      );
    },
    mend: discardOldPrimary,
  };
}

/** The old primary is started, and throws away what it has and the new one lacks. */
export async function discardOldPrimary(system: System, situation: Situation, mode: FailoverMode): Promise<void> {
  const { primary, primaryHost, standby } = situation;
  await mode.comeBack(system, primary, primaryHost);
  const volumes = volumesOf(system, situation).join(" ");
  await until(
    `${primary} answers`,
    400,
    async () => void (await system.onMirror(primary, "test -e /proc/drbd && drbdadm cstate all", 20)),
  );
  await system.onMirror(
    primary,
    `for volume in ${volumes}; do drbdadm disconnect "$volume" || true; drbdadm secondary ` +
      `"$volume"; drbdadm connect --discard-my-data "$volume"; done`,
    120,
  );
  await system.onMirror(
    standby,
    `for volume in ${volumes}; do [ "$(drbdadm cstate "$volume")" != StandAlone ] || drbdadm connect "$volume"; done`,
    120,
  );
}

const volumesOf = (system: System, { volume }: Situation): readonly string[] =>
  system.inventory.volumes.filter(({ group }) => group === volume.group).map(({ name }) => name);
const nothing = async (): Promise<void> => undefined;

/** A standby that knows that it is out of date is promoted by force. */
export const staleForced: Control = {
  name: "stale-forced",
  protocols: ["nbd", "iscsi"],
  weaken: nothing,
  fault: staleFault("stale-forced", "drbdadm primary --force"),
  restore: nothing,
  writerOptions: "",
};

/** Without fencing the standby does not learn that it is out of date, and is promoted as if nothing were missing. */
export const noFencing: Control = {
  name: "fencing-dont-care",
  protocols: ["nbd", "iscsi"],
  async weaken(system) {
    for (const { name } of system.inventory.mirrors)
      await system.onMirror(
        name,
        'for minor in $(drbdadm sh-minor all); do drbdsetup disk-options "$minor" --fencing=dont-care; done',
      );
  },
  fault: staleFault("stale-unfenced", "drbdadm primary"),
  async restore(system) {
    for (const { name } of system.inventory.mirrors) await system.onMirror(name, "drbdadm adjust all >/dev/null 2>&1");
  },
  writerOptions: "",
};
