import { strikeOnce, type Torture } from "../killOnce.ts";
import { bothBack } from "../faults/machines.ts";
import type { Audit, Kill, SequenceStep } from "../report/report.ts";
import type { Situation } from "../situation.ts";
import { sleep, until } from "../../harness/until.ts";
import type { Scene, Sequence } from "./sequence.ts";
import { messageOf } from "../../plugins/serving/messageOf.ts";

/**
 * One sequence from beginning to end, judged as a kill is: read-back, rejoin,
 * verify, audits; and by what the operator's commands answered.
 */
export function sequenceOnce(
  torture: Torture,
  sequence: Sequence,
  situation: Situation,
  number: number,
): Promise<Kill> {
  const { mode, oracle, random, say } = torture;
  const plan = sequence.plan({ situation, mode: mode.name, random });
  const audits: Audit[] = [];
  const done: SequenceStep[] = [];
  const undoing: { what: string; action: () => Promise<void> }[] = [];
  let [resting, broken] = [false, false];
  const scene: Scene = {
    ...torture,
    situation,
    audits,
    undo: (what, action) => void undoing.unshift({ what, action }),
    async rest() {
      await sleep(1.5 * (torture.patience.pace ?? 1));
      oracle.askForPause();
      resting = true;
    },
    breakOff() {
      oracle.askForPause();
      [resting, broken] = [true, true];
    },
  };
  return strikeOnce(
    torture,
    {
      title: `sequence ${number}, ${sequence.kind}`,
      kind: plan.faults.join("+"),
      target: situation.primary,
      recovery: plan.recovery,
      async deliver(began) {
        for (const step of plan.steps) {
          const from = Date.now();
          const note = (seen: string): void => {
            const seconds = (Date.now() - from) / 1000;
            done.push({ name: step.name, at: (from - began) / 1000, seconds, seen });
            say(`  ${step.name}: ${seconds.toFixed(1)} s${seen === "" ? "" : `: ${seen}`}`);
          };
          try {
            note((await step.run(scene)) ?? "");
          } catch (error) {
            note(messageOf(error));
            throw error;
          }
          if (broken) break;
        }
        return [];
      },
      stopped: () => resting,
      async mend() {
        const left: typeof undoing = [];
        for (const undo of undoing) await undo.action().catch(() => void left.push(undo));
        await bothBack(torture.system, situation, mode);
        // What could not be taken back on a mirror that was off.
        for (const { what, action } of left)
          await until(`${what} is taken back`, torture.patience.rejoin, async () => void (await action()), 3);
      },
      record: () => ({ sequence: { kind: sequence.kind, steps: done }, audits }),
    },
    situation,
    number,
  );
}
