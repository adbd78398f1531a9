import { failsOver } from "./failsOver.ts";
import { clusterDecides, type Expected, types } from "./operator.ts";
import type { Plan, Scene, Sequence, Step } from "./sequence.ts";
import { cut, destroy, freezePrimary, goesOnAlone, heal, meet } from "./steps.ts";

const words = /answer|asked|wait|alone|stale|newer|outdated|already|stays|uptodate|missing|refus/i;
const refused: Expected = { answer: "refused", words };
/** What is told to a command that has nothing to do is no refusal, but it must change nothing either. */
const harmless: Expected = { answer: "harmless", words };

const wrong = {
  failover: types(
    "failover",
    () => ["all"],
    ({ mode }) => ({ answer: "refused", words: mode.name === "manual" ? words : clusterDecides }),
  ),
  switch: types(
    "switch",
    ({ situation }) => ["all", "--to", situation.standby],
    () => refused,
  ),
  "maintain-primary": types(
    "maintain",
    ({ situation }) => [situation.primary],
    () => refused,
  ),
  "maintain-standby": types(
    "maintain",
    ({ situation }) => [situation.standby],
    () => refused,
  ),
  // The stale side is kept, without the phrase that gives up the other one's writes.
  "recover-stale": types(
    "recover",
    ({ situation }: Scene) => [situation.volume.name, "--keep", situation.standby],
    () => harmless,
  ),
} satisfies Readonly<Record<string, Step>>;

/**
 * Some fault or none, and the commands that are wrong then. A cluster takes
 * what follows a machine's death out of an operator's hands.
 */
const cases: readonly {
  readonly fault: string;
  readonly byHandOnly: boolean;
  readonly commands: readonly (keyof typeof wrong)[];
  plan(command: Step): Omit<Plan, "faults">;
}[] = [
  {
    fault: "none",
    byHandOnly: false,
    commands: ["failover"],
    plan: (command) => ({ recovery: "none", steps: [command] }),
  },
  {
    fault: "cut-replication",
    byHandOnly: false,
    commands: ["failover", "switch", "maintain-primary", "recover-stale"],
    plan: (command) => ({
      recovery: "none",
      steps: [cut(["replication"]), goesOnAlone, command, heal(["replication"]), meet],
    }),
  },
  {
    fault: "destroy-standby",
    byHandOnly: true,
    commands: ["failover", "switch", "maintain-primary", "recover-stale"],
    plan: (command) => ({ recovery: "none", steps: [destroy("standby"), goesOnAlone, command] }),
  },
  {
    fault: "destroy",
    byHandOnly: true,
    commands: ["switch", "maintain-primary", "maintain-standby", "recover-stale"],
    plan: (command) => ({ recovery: "failover", steps: [destroy("primary"), command, failsOver] }),
  },
  {
    fault: "freeze",
    byHandOnly: true,
    commands: ["switch", "maintain-primary", "recover-stale"],
    plan: (command) => ({ recovery: "failover", steps: [freezePrimary, command, failsOver] }),
  },
];

/** One fault, and an operator whose first command is the wrong one. */
export const wrongCommands: Sequence = {
  kind: "wrong-commands",
  weight: 14,
  modes: ["manual", "automatic"],
  plan({ mode, random }) {
    const { fault, commands, plan } = random.pick(
      cases.filter(({ byHandOnly }) => mode === "manual" || !byHandOnly),
      ({ commands: { length } }) => length,
    );
    const command = random.pick(commands);
    return { faults: [fault, `wrong-${command}`], ...plan(wrong[command]) };
  },
};
