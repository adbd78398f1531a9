/** `preview` and `up` without changes, for stacks of several sizes beside an empty program, interleaved. */
import { Project, type Run } from "./project.ts";
import { stackFile } from "./site.ts";

/** What pulumi is asked to do; nothing differs from the state. */
export const tasks = {
  preview: ["preview", "--suppress-outputs"],
  up: ["up", "--yes", "--skip-preview", "--suppress-outputs"],
};
export type Task = keyof typeof tasks;

/** One size of stack. */
export interface Size {
  /** 0: the empty program. */
  readonly volumes: number;
  readonly resources: number;
  /** Of the stored state. */
  readonly stateBytes: number;
  readonly runs: Readonly<Record<Task, readonly Run[]>>;
}

export interface Plan {
  readonly repository: string;
  readonly volumes: readonly number[];
  readonly repetitions: number;
  readonly say: (line: string) => void;
  /** What there is after each repetition. */
  readonly keep: (sizes: readonly Size[]) => void;
}

/** Makes the stacks, and measures each once in every repetition. Nothing of them is left. */
export async function measure({ repository, volumes, repetitions, say, keep }: Plan): Promise<void> {
  const made: { readonly volumes: number; readonly project: Project; readonly runs: Record<Task, Run[]> }[] = [];
  try {
    for (const number of [0, ...volumes]) {
      say(number === 0 ? "an empty program" : `the first \`up\` of ${number} volumes`);
      const project =
        number === 0
          ? await Project.empty(repository)
          : await Project.of(repository, `volumes-${number}`, stackFile(repository, number));
      made.push({ volumes: number, project, runs: { preview: [], up: [] } });
    }
    for (let repetition = 1; repetition <= repetitions; repetition++) {
      // Backwards every other time: what changes in the course of a repetition falls on either end.
      for (const task of Object.keys(tasks) as Task[])
        for (const { volumes: number, project, runs } of repetition % 2 === 1 ? made : made.toReversed()) {
          say(
            `${repetition} of ${repetitions}: ${task} of ${number === 0 ? "the empty program" : `${number} volumes`}`,
          );
          const { seconds, cpu, by } = await project.run(...tasks[task]);
          runs[task].push({ seconds, cpu, by });
        }
      keep(
        made.map(({ volumes: number, project, runs }) => {
          const { bytes, resources } = project.state();
          return { volumes: number, resources: resources.length, stateBytes: bytes, runs };
        }),
      );
    }
  } finally {
    for (const { project } of made) project.remove();
  }
}
