import { brief, mayBeKey } from "./brief.ts";

/** One mistake in the stack's configuration. */
export interface Problem {
  /** Key as `pulumi config set --path` takes it, for example `kvm-mirror:volumes.r0.size`. */
  readonly key: string;
  /** Value as written; left out where there is none, or where it is secret. */
  readonly value?: unknown;
  /** What is wrong and the way out. */
  readonly text: string;
}

/** Mistakes that one message names; a file that is wrong throughout is mended step by step. */
const most = 20;

/** All mistakes of a configuration at once. Thrown before any resource exists. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const count = problems.length === 1 ? "one mistake" : `${problems.length} mistakes`;
    super(
      [
        `The stack's configuration has ${count}; nothing was changed.`,
        ...problems.slice(0, most).map((problem) => `  - ${formatProblem(problem)}`),
        ...(problems.length > most
          ? [`  - and ${problems.length - most} more, which are shown when these are gone`]
          : []),
      ].join("\n"),
    );
    this.name = "ConfigError";
    this.problems = problems;
  }
}

function formatProblem({ key, value, text }: Problem): string {
  const shown = shownValue(value);
  return shown === undefined ? `${key}: ${text}` : `${key} = ${shown}: ${text}`;
}

/** Blocks are too long to be repeated; a private key that strayed here must not spread further. */
function shownValue(value: unknown): string | undefined {
  if (value === undefined || typeof value === "object") return undefined;
  if (typeof value !== "string") return String(value);
  return mayBeKey(value) ? undefined : brief(value);
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
  if (mayBeKey(name)) return '["…"]';
  if (name.length > 100 || !/^[\w-]+$/.test(name)) return `[${brief(name)}]`;
  return index === 0 ? name : `.${name}`;
}

/** Whether a key is another one, or lies below it. */
export function isBelow(key: string, above: string): boolean {
  return key.startsWith(above) && /^($|[.[])/.test(key.slice(above.length));
}
