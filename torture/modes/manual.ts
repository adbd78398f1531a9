import type { Phase } from "../report/report.ts";
import type { System } from "../../harness/system.ts";
import { type FailoverMode, startMirror } from "./mode.ts";
import { offPhraseIn } from "./refusal.ts";

/**
 * An operator who types `kvm-mirror failover` or `kvm-mirror switch` at once: the
 * time that a person needs to notice is not in the figures.
 */
export const manual: FailoverMode = {
  name: "manual",
  async failover(system, { primary }, { seconds, word }) {
    return phasesOf(
      await (word ? failoverByWord(system, primary, seconds) : command(system, "failover", ["all"], seconds)),
    );
  },
  async switchOver(system, { standby }, seconds) {
    return [
      {
        name: "kvm-mirror switch",
        seconds: (await command(system, "switch", ["all", "--to", standby], seconds)).seconds,
      },
    ];
  },
  comeBack: startMirror,
};

/**
 * `kvm-mirror failover` is refused, because nobody but the operator knows that
 * the old primary is off; he reads the phrase, and types it.
 * @throws when it is refused for another reason, or again
 */
export async function failoverByWord(system: System, off: string, seconds: number): Promise<Ran> {
  const began = Date.now();
  const { status, output } = await system.operate("failover", ["all"], seconds);
  const said =
    status === 0
      ? output
      : (await command(system, "failover", ["all", "--confirm", offPhraseIn(output, off)], seconds)).output;
  return { output: said, seconds: (Date.now() - began) / 1000 };
}

/**
 * The steps of `kvm-mirror failover`, by words of their titles, and what torture
 * calls them. Before them it asks the mirrors how things are.
 */
const named: readonly (readonly [RegExp, string])[] = [
  [/^(try to )?turn .* off|^see .* is still off$/, "fencing"],
  [/promotes its volumes/, "promotion, exports and VIP"],
  [/drop connections/, "connections dropped"],
];

/**
 * What `kvm-mirror failover` spent its time on, by its own lines "now 1/3:
 * …" and "done 1/3 in 2.5 s". Exported for its test.
 */
export function phasesOf({ output, seconds }: Ran): readonly Phase[] {
  const steps = [...output.matchAll(/^now (\d+\/\d+): (.*)\n(?:.*\n)*?done \1 in (\d+\.\d) s$/gm)].flatMap(
    ([, , title = "", took = ""]) => {
      const name = named.find(([words]) => words.test(title))?.[1];
      return name === undefined ? [] : [{ name, seconds: Number(took) }];
    },
  );
  const before = seconds - steps.reduce((sum, step) => sum + step.seconds, 0);
  return [{ name: "a look at both mirrors", seconds: before }, ...steps];
}

/** What a command said, and the seconds that it took. */
export interface Ran {
  readonly output: string;
  readonly seconds: number;
}

/** Runs one of the operator's commands. @throws when it refuses or fails. */
export async function command(system: System, name: string, args: readonly string[], seconds: number): Promise<Ran> {
  const began = Date.now();
  const { status, output } = await system.operate(name, args, seconds);
  if (status !== 0) throw new Error(`kvm-mirror ${name} ${args.join(" ")}: exit status ${status}: ${output.trim()}`);
  return { output, seconds: (Date.now() - began) / 1000 };
}
