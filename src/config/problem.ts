/** One mistake in the stack's configuration. */
export interface Problem {
  /** Key as `pulumi config set --path` takes it, for example `kvm-mirror:volumes.r0.size`. */
  readonly key: string;
  /** Value as written; left out where there is none, or where it is secret. */
  readonly value?: unknown;
  /** What is wrong and the way out. */
  readonly text: string;
}

/** All mistakes of a configuration at once. Thrown before any resource exists. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const count = problems.length === 1 ? "one mistake" : `${problems.length} mistakes`;
    super(
      [
        `The stack's configuration has ${count}; nothing was changed.`,
        ...problems.map((problem) => `  - ${formatProblem(problem)}`),
      ].join("\n"),
    );
    this.name = "ConfigError";
    this.problems = problems;
  }
}

function formatProblem({ key, value, text }: Problem): string {
  return value === undefined ? `${key}: ${text}` : `${key} = ${JSON.stringify(value)}: ${text}`;
}

/**
 * `kvm-mirror:` and the steps below it: plain names are joined by dots,
 * other names and list positions go into brackets.
 */
export function keyPath(...steps: readonly PropertyKey[]): string {
  return `kvm-mirror:${steps.map(keyStep).join("")}`;
}

function keyStep(step: PropertyKey, index: number): string {
  if (typeof step === "number") return `[${step}]`;
  const name = String(step);
  if (!/^[\w-]+$/.test(name)) return `[${JSON.stringify(name)}]`;
  return index === 0 ? name : `.${name}`;
}
