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

/**
 * Carries out steps in order, and says before each what it does, after each what it took;
 * the first that fails ends it, and the last line says at which step.
 */
export async function carryOut(steps: readonly Step[], { dryRun, say }: CarryOutOptions): Promise<void> {
  for (const [index, step] of steps.entries()) {
    say(`${dryRun ? "would" : "now"} ${index + 1}/${steps.length}: ${step.title}`);
    if (dryRun) continue;
    const began = Date.now();
    await step.run();
    say(`done ${index + 1}/${steps.length} in ${((Date.now() - began) / 1000).toFixed(1)} s`);
  }
}
