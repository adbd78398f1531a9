/** One thing that a command does: what it says beforehand, and the doing. */
export interface Step {
  readonly title: string;
  run(): Promise<void>;
}

export interface CarryOutOptions {
  /** Only say what would be done. */
  readonly dryRun: boolean;
  readonly say: (line: string) => void;
}

/** Carries out steps in order; the first that fails ends it, and its error says at which step. */
export async function carryOut(steps: readonly Step[], { dryRun, say }: CarryOutOptions): Promise<void> {
  for (const [index, step] of steps.entries()) {
    say(`${dryRun ? "would" : "now"} ${index + 1}/${steps.length}: ${step.title}`);
    if (!dryRun) await step.run();
  }
}
