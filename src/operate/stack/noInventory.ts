import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { Refused } from "../../refused.ts";
import { type Lock, locksOf, lockWords, type StateOfPulumi } from "./stateOfPulumi.ts";

/** No `up` of the stack has succeeded. Its message says whether one is at work, and what to do. */
export class NoInventoryYet extends Refused {}

/** That a stack has no inventory yet, whether a pulumi is at work on it, and what to do. Asks Pulumi for its locks. */
export function noInventoryYet(stack: string): string {
  return noInventoryWords(stack, locksOf(stack), runsHere);
}

/**
 * The same, of what is known.
 * @param runs whether the pulumi that made a lock runs; undefined: it is of another machine
 */
export function noInventoryWords(
  stack: string,
  locks: StateOfPulumi["locks"],
  runs: (lock: Lock) => boolean | undefined,
): string {
  return `stack ${stack} has no inventory yet: no \`pulumi up\` of it has succeeded. ${whatNow(stack, locks, runs)}`;
}

function whatNow(stack: string, locks: StateOfPulumi["locks"], runs: (lock: Lock) => boolean | undefined): string {
  const up = `pulumi up --stack ${stack}`;
  if ("why" in locks) return `Whether one is at work is not known here (${locks.why}). If none is: ${up}`;
  const again = `pulumi cancel --stack ${stack}, then ${up}`;
  const living = locks.find((lock) => runs(lock) === true);
  if (living)
    return `One is at work: ${lockWords(living)}. Wait for its end (it shows there how far it is), then repeat this`;
  const far = locks.find((lock) => runs(lock) === undefined);
  if (far)
    return (
      `The stack is locked by ${lockWords(far)}. See on that machine whether it still runs, and wait for its end; ` +
      `where it does not run: ${again}`
    );
  const [dead] = locks;
  if (dead) return `The stack is locked by ${lockWords(dead)}. That pulumi does not run any more: ${again}`;
  return `None is at work: ${up}`;
}

/** By the process's name, since its number may be another one's by now. */
function runsHere({ hostname: machine, pid }: Lock): boolean | undefined {
  if (machine !== hostname()) return undefined;
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "pulumi";
  } catch {
    return false;
  }
}
