import { signal } from "../faults/machines.ts";
import { cable } from "../faults/networks.ts";
import type { Fault } from "../faults/fault.ts";
import { startMirror } from "../modes/mode.ts";
import { comeBack } from "../recovery.ts";
import { awaitWhole, isPrimary, primaryOf, stateOf } from "../../harness/drbd.ts";
import { sleep, until } from "../../harness/until.ts";
import type { Scene, Step } from "./sequence.ts";

type Cable = "replication" | "storage" | "management";
type Part = "primary" | "standby";

const every: readonly Cable[] = ["replication", "storage", "management"];
const hostOf = ({ situation }: Scene, part: Part): string =>
  part === "primary" ? situation.primaryHost : situation.standbyHost;

/** At the standby's end: what is left to the primary, its KVM host and the operator is each other. */
async function setCable({ system, situation }: Scene, name: Cable, state: "down" | "up"): Promise<void> {
  if (name === "management") return system.managementCable(situation.standbyHost, state);
  await cable(system, situation.standbyHost, name === "replication" ? "cable-repl" : "cable-stor", state);
}

/**
 * Cuts cables between the KVM hosts, until they are healed. The management cable
 * goes last, and comes back first: the others are cut by way of it.
 */
export function cut(names: readonly Cable[]): Step {
  return {
    name: `${wordsOf(names)} cut`,
    async run(scene) {
      scene.undo("cables", () => join(scene, names));
      for (const name of every) if (names.includes(name)) await setCable(scene, name, "down");
    },
  };
}

/** Joins cables again; those that are whole stay so. */
export function heal(names: readonly Cable[]): Step {
  return { name: `${wordsOf(names)} healed`, run: (scene) => join(scene, names) };
}

async function join(scene: Scene, names: readonly Cable[]): Promise<void> {
  for (const name of every.toReversed()) if (names.includes(name)) await setCable(scene, name, "up");
}

const wordsOf = (names: readonly Cable[]): string =>
  names.length === every.length ? "all cables" : `${names.join(" and ")} cable${names.length === 1 ? "" : "s"}`;

export const cutAll: Step = cut(every);
export const healAll: Step = heal(every);

/** So many seconds in which nobody does anything. */
export function wait(seconds: number): Step {
  return { name: "time passes", run: ({ patience }) => sleep(seconds * (patience.pace ?? 1)) };
}

/** Does what a kill of that kind does; its mending is the sequence's. */
export function strike(fault: Fault): Step {
  return {
    name: fault.kind,
    async run({ system, situation, random, mode }) {
      await (await fault.strike(system, situation, random, mode))?.beside;
      return fault.target(situation);
    },
  };
}

/** The plug of a mirror is pulled. When it is the primary, nothing is written from then on. */
export function destroy(part: Part): Step {
  return {
    name: `${part} destroyed`,
    async run(scene) {
      await scene.system.onHost(hostOf(scene, part), `virsh destroy ${scene.situation[part]}`);
      if (part === "primary") await scene.rest();
      return scene.situation[part];
    },
  };
}

/** The primary's QEMU is stopped and stays so. */
export const freezePrimary: Step = {
  name: "primary frozen",
  async run(scene) {
    const { system, situation } = scene;
    scene.undo("freeze", () => signal(system, "CONT", situation.primary, situation.primaryHost));
    await signal(system, "STOP", situation.primary, situation.primaryHost);
    await scene.rest();
    return situation.primary;
  },
};

/** The primary has lost the standby, is Primary, and acknowledges writes that nobody else has. */
export const goesOnAlone: Step = {
  name: "primary goes on alone",
  async run({ system, situation, oracle, patience }) {
    const { primary, volume } = situation;
    await until(`${primary} has lost its peer`, patience.failover, async () => {
      const { connection, role } = await stateOf(system, primary, volume.name);
      return role === "Primary" && (connection === "WFConnection" || connection === "StandAlone")
        ? undefined
        : `${connection}, ${role}`;
    });
    const before = oracle.history.acknowledged;
    // What was sent to the standby and is finished now does not show it: several times what may be under way does.
    await oracle.awaitAcknowledged(before + 100, patience.failover);
    return `${oracle.history.acknowledged - before} writes acknowledged by ${primary} alone`;
  },
};

/** Somebody pushes the power button of a mirror, and it boots; whether it takes part is not waited for. */
export function start(part: Part): Step {
  return {
    name: `${part} started`,
    async run(scene) {
      const { system, situation, patience } = scene;
      await startMirror(system, situation[part], hostOf(scene, part));
      await until(
        `${situation[part]} has its volumes up`,
        patience.rejoin,
        async () => void (await stateOf(system, situation[part], situation.volume.name)),
      );
      return situation[part];
    },
  };
}

/** Both power buttons; then a mirror has to be Primary without a hand. */
export const serviceReturns: Step = {
  name: "service returns",
  async run({ system, mode, situation, patience }) {
    await comeBack(system, mode, situation, patience.rejoin);
    return `${await primaryOf(system, situation.volume.name)} is Primary`;
  },
};

/** Every volume is UpToDate on both mirrors. */
export const meet: Step = {
  name: "both mirrors meet",
  run: async ({ system, patience }) => void (await awaitWhole(system, patience.rejoin)),
};

/** The mirror that took over, by whoever's decision. */
export const standbyServes: Step = {
  name: "standby serves",
  async run({ system, situation, patience }) {
    await until(`${situation.standby} is Primary`, patience.failover, async () =>
      (await isPrimary(system, situation.standby, situation.volume.name)) ? undefined : "it is not",
    );
    return situation.standby;
  },
};
