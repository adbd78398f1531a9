import { reasonOf } from "../modes/refusal.ts";
import type { Done } from "../../harness/run.ts";
import type { Scene, Step } from "./sequence.ts";

/**
 * What a command has to answer:
 * - done: exit status 0
 * - refused: exit status 3 (1 where the second look refuses, after the fencing), with a reason in which these words
 *   are; and nothing is changed by it
 * - harmless: refused, or done, but nothing is changed by it
 */
export type Expected =
  | { readonly answer: "done" }
  | { readonly answer: "refused" | "harmless"; readonly words: RegExp };

/** Reasons for which a copy is not taken: stable words of them, whichever of its layers refuses. */
export const lacksWrites = /alone|stale|newer|outdated|inconsistent|consistent|missing|took writes/i;
/** A cluster that decides by itself, or waits. */
export const clusterDecides = /cluster|quorum|vote|alone|answer/i;

/**
 * The operator types a command. One that is wrongly accepted breaks the
 * sequence off; one that is wrongly refused ends it.
 */
export function types(
  command: string,
  args: (scene: Scene) => readonly string[],
  expected: (scene: Scene) => Expected,
): Step {
  return {
    name: `kvm-mirror ${command}`,
    async run(scene) {
      const { answer, ...rest } = expected(scene);
      const before = answer === "done" ? undefined : await pictureOf(scene);
      const typed = args(scene);
      const done = await scene.system.operate(command, typed, scene.patience.failover);
      const found = judgeAnswer(command, done, { answer, ...rest } as Expected);
      const name = `kvm-mirror ${command} is ${answer}`;
      const detail = `${typed.join(" ")}: ${found.detail}`;
      if (answer === "done") {
        scene.audits.push({ name, passed: found.passed, detail });
        if (!found.passed) throw new Error(`kvm-mirror ${command} ${detail}`);
        return found.detail;
      }
      // In automatic mode the cluster changes things meanwhile.
      const after = scene.mode.name === "manual" ? await pictureOf(scene) : before;
      const changed = before !== after ? `; before it: ${before}; after it: ${after}` : "";
      scene.audits.push({ name, passed: found.passed && changed === "", detail: `${detail}${changed}` });
      if (done.status === 0 && (!found.passed || changed !== "")) scene.breakOff();
      return `${found.detail}${changed}`;
    },
  };
}

/** Whether a command answered as it had to. Exported for its test. */
export function judgeAnswer(
  command: string,
  { status, output }: Done,
  expected: Expected,
): { readonly passed: boolean; readonly detail: string } {
  const reason = reasonOf(command, output);
  const said = brief(reason ?? output.trim());
  if (expected.answer === "done")
    return { passed: status === 0, detail: status === 0 ? "done" : `exit status ${status}: ${said}` };
  if (status === 0)
    return {
      passed: expected.answer === "harmless",
      detail: `accepted: ${brief(output.trim().split("\n").slice(-3).join("; "))}`,
    };
  // A command that broke down, or gave no answer, has refused nothing.
  const passed = (status === 1 || status === 3) && reason !== undefined && expected.words.test(reason);
  return {
    passed,
    detail: passed
      ? said
      : `exit status ${status}, and not for the reason that it has to have (${expected.words.source}): ${said}`,
  };
}

const brief = (text: string): string => (text.length > 400 ? `${text.slice(0, 400)} …` : text);

/**
 * What a wrong command must not change: which machines run, since when (libvirt's
 * number), and who is Primary, as the samplers saw it last.
 */
async function pictureOf({ system, samplers, situation }: Scene): Promise<string> {
  const { primary, primaryHost, standby, standbyHost } = situation;
  const look = async (mirror: string, host: string): Promise<string> => {
    const domain = (await system.onHost(host, `LC_ALL=C virsh domstate ${mirror} && LC_ALL=C virsh domid ${mirror}`))
      .trim()
      .replace(/\s+/g, " ");
    const role =
      domain.startsWith("running") && samplers.find((sampler) => sampler.mirror === mirror)?.primary ? ", Primary" : "";
    return `${mirror} ${domain}${role}`;
  };
  return (await Promise.all([look(primary, primaryHost), look(standby, standbyHost)])).join("; ");
}
