/** Property paths as the engine writes them: `disks[0].target`, `labels["a.b"]`. */

/** One step: a key of an object, an index of an array, or `*` for every element of an array. */
export type Step = string | number;
export type Path = readonly Step[];

const PLAIN_KEY = /^[A-Za-z_$][\w$-]*$/;

export function formatPath(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    if (!PLAIN_KEY.test(step)) return `${text}[${JSON.stringify(step)}]`;
    return text === "" ? step : `${text}.${step}`;
  }, "");
}

/** Reads a path as a user writes it in `ignoreChanges`; `*` stands for any step. Throws on a malformed one. */
export function parsePath(text: string): Path {
  const steps: Step[] = [];
  const token = /\.?([^.[\]"]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\[(\*)\]/y;
  while (token.lastIndex < text.length) {
    const match = token.exec(text);
    if (match === null) throw new Error(`not a property path: ${text}`);
    const [, plain, index, quoted, star] = match;
    if (index !== undefined) steps.push(Number(index));
    else if (quoted !== undefined) steps.push(JSON.parse(`"${quoted}"`) as string);
    else steps.push(plain ?? star ?? "*");
  }
  return steps;
}

/** Whether `pattern` names `path` or something that holds it. */
export function covers(pattern: Path, path: Path): boolean {
  return pattern.length <= path.length && pattern.every((step, i) => step === "*" || step === path[i]);
}
