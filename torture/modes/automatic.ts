import type { Phase } from "../report/report.ts";
import type { Situation } from "../situation.ts";
import { primaryOf } from "../../harness/drbd.ts";
import { until } from "../../harness/until.ts";
import { failoverByWord, manual } from "./manual.ts";
import { type FailoverMode, startMirror } from "./mode.ts";

/** The cluster does it: torture only waits, and gives the operator's confirmation where the cluster needs it. */
export const automatic: FailoverMode = {
  name: "automatic",
  async failover(system, { primary, volume }, { seconds, word }) {
    // Before it misses the mirror, the cluster refuses the word.
    if (word)
      await until(
        `the cluster takes the operator's confirmation that ${primary} is off`,
        seconds,
        async () => void (await failoverByWord(system, primary, seconds)),
        3,
      );
    const vip = system.inventory.groups.find(({ name }) => name === volume.group)?.vip ?? "";
    // Which one is the cluster's choice: the old primary, too, once it is back. One that is
    // about to die may still answer; the read-back comes after writing went on.
    await until(`a mirror is Primary of ${volume.name}, and has the VIP ${vip}`, seconds, async () => {
      const now = await primaryOf(system, volume.name);
      return now !== undefined && (await system.onMirror(now, `ip -4 -o address show to ${vip}/32`)) !== ""
        ? undefined
        : `${now ?? "none"} is Primary`;
    });
    return [];
  },
  phasesOf: journalPhases,
  switchOver: manual.switchOver,
  // Fencing may have started it again already.
  comeBack: startMirror,
};

/**
 * The lines that end each phase of an automatic failover; the last one of promotions, for a group of several volumes.
 */
const ends: readonly {
  readonly name: string;
  readonly line: (situation: Situation) => RegExp;
  readonly last?: boolean;
}[] = [
  { name: "detection", line: () => /corosync\[\d+\]: +\[TOTEM \] A new membership/ },
  {
    name: "fencing",
    line: ({ primary }) =>
      new RegExp(`pacemaker-fenced\\[\\d+\\]: .*Operation '(reboot|off)' targeting ${primary} by .*: OK`),
  },
  { name: "promotion", line: () => /kernel: block drbd\d+: role\( Secondary -> Primary \)/, last: true },
  {
    name: "exports",
    line: ({ volume }) =>
      new RegExp(`pacemaker-controld\\[\\d+\\]: .*Result of start operation for exports-${volume.group} on .*: ok`),
  },
];

function journalPhases(journal: string, situation: Situation, began: number): readonly Phase[] {
  const lines = journal.split("\n").filter((line) => Number.parseFloat(line) >= began);
  const phases: Phase[] = [];
  let from = began;
  for (const { name, line, last } of ends) {
    const found = last
      ? lines.findLast((text) => line(situation).test(text))
      : lines.find((text) => line(situation).test(text));
    // Without one of them, the next ones would be measured from the wrong moment.
    if (found === undefined) break;
    const at = Number.parseFloat(found);
    phases.push({ name, seconds: at - from });
    from = at;
  }
  return phases;
}
