import type { System } from "../../harness/system.ts";
import { sleep, until } from "../../harness/until.ts";
import type { Fault } from "./fault.ts";

const always = (): boolean => true;

/** Pulls the plug of a mirror: its memory is gone at once. */
export async function destroy(system: System, mirror: string, host: string): Promise<void> {
  await system.onHost(host, `virsh destroy ${mirror}`);
}

/**
 * SIGSTOP or SIGCONT to the QEMU process of a mirror: it is there, says nothing, and
 * may come back. A cluster may have turned it off before it goes on.
 */
export async function signal(system: System, name: "STOP" | "CONT", mirror: string, host: string): Promise<void> {
  await system.onHost(
    host,
    `${name === "CONT" ? `test -e /run/libvirt/qemu/${mirror}.pid || exit 0; ` : ""}kill ` +
      `-${name} "$(cat /run/libvirt/qemu/${mirror}.pid)"`,
  );
}

/** Both machines run again, whichever was turned off by the fault or by fencing. */
export const bothBack: Fault["mend"] = async (system, { primary, primaryHost, standby, standbyHost }, mode) => {
  await mode.comeBack(system, primary, primaryHost);
  await mode.comeBack(system, standby, standbyHost);
};

export const destroyPrimary: Fault = {
  kind: "destroy",
  weight: 40,
  recovery: "failover",
  possible: always,
  target: ({ primary }) => primary,
  strike: (system, { primary, primaryHost }) => destroy(system, primary, primaryHost),
  mend: bothBack,
};

export const crashPrimary: Fault = {
  kind: "sysrq-crash",
  weight: 10,
  recovery: "failover",
  possible: always,
  target: ({ primary }) => primary,
  async strike(system, { primary }) {
    // The login should end before the kernel does; where it does not, its time-out says nothing.
    await system
      .onMirror(primary, "(sleep 2; echo c >/proc/sysrq-trigger) >/dev/null 2>&1 </dev/null &", 15)
      .catch(() => undefined);
    // Until then it takes writes as before.
    await until(
      `${primary} is dead`,
      60,
      () =>
        system.onMirror(primary, "true", 3).then(
          () => "it answers",
          () => undefined,
        ),
      0.2,
    );
  },
  mend: bothBack,
};

export const freezePrimary: Fault = {
  kind: "freeze",
  weight: 10,
  recovery: "failover",
  possible: always,
  target: ({ primary }) => primary,
  strike: (system, { primary, primaryHost }) => signal(system, "STOP", primary, primaryHost),
  mend: bothBack,
};

/** Frozen for a while, and nobody fails over: the primary comes back as if nothing had been. */
export const freezeAndThaw: Fault = {
  kind: "freeze-thaw",
  weight: 8,
  recovery: "none",
  possible: always,
  target: ({ primary }) => primary,
  async strike(system, { primary, primaryHost }, random) {
    await signal(system, "STOP", primary, primaryHost);
    try {
      await sleep(2 + 18 * random.next());
    } finally {
      await signal(system, "CONT", primary, primaryHost);
    }
  },
  mend: bothBack,
};

/** What a busy KVM host does to a mirror: it stands still for 0.5 to 3 s. Nobody may turn it off for that. */
export const freezeBriefly: Fault = {
  kind: "freeze-briefly",
  weight: 4,
  recovery: "none",
  possible: always,
  target: ({ primary }) => `${primary} or its peer`,
  async strike(system, { primary, primaryHost, standby, standbyHost }, random) {
    const [mirror, host] = random.next() < 0.5 ? [primary, primaryHost] : [standby, standbyHost];
    const boot = (): Promise<string> => system.onMirror(mirror, "cat /proc/sys/kernel/random/boot_id");
    const before = await boot();
    const seconds = 0.5 + 2.5 * random.next();
    await signal(system, "STOP", mirror, host);
    try {
      await sleep(seconds);
    } finally {
      await signal(system, "CONT", mirror, host);
    }
    // Who was given up meanwhile is turned off within this time.
    await sleep(15);
    if ((await boot()) !== before)
      throw new Error(`${mirror} stood still for ${seconds.toFixed(1)} s, and was turned off`);
  },
  mend: bothBack,
};

export const destroyStandby: Fault = {
  kind: "destroy-standby",
  weight: 10,
  recovery: "none",
  possible: always,
  target: ({ standby }) => standby,
  strike: (system, { standby, standbyHost }) => destroy(system, standby, standbyHost),
  mend: bothBack,
};

export const plannedSwitch: Fault = {
  kind: "switch",
  weight: 10,
  recovery: "switch",
  possible: always,
  target: ({ primary }) => primary,
  strike: async () => undefined,
  mend: bothBack,
};

/** The primary dies somewhere in the course of a planned switch away from it. */
export const destroyDuringSwitch: Fault = {
  kind: "destroy-during-switch",
  weight: 7,
  recovery: "failover",
  possible: always,
  target: ({ primary }) => primary,
  async strike(system, situation, random, mode) {
    const switching = mode.switchOver(system, situation, 120).then(
      () => undefined,
      () => undefined,
    ); // how it ends is seen by who is Primary then
    await sleep(8 * random.next());
    await destroy(system, situation.primary, situation.primaryHost);
    await switching;
  },
  mend: bothBack,
};
