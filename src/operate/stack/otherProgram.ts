import { Refused } from "../../refused.ts";

/** A stack of another program, and the MirrorPair in it that a command is about. */
export interface OtherProgram {
  readonly directory: string;
  readonly stack: string;
  readonly pair: string;
}

/** Names the directory of the program. */
const variable = "KVM_MIRROR_PROGRAM";
const programDirectory = (): string | undefined => process.env[variable] || undefined;

/** The pair that is called so; undefined: it is the name of none, or of a stack of this repository. */
export function pairNamed(site: string): OtherProgram | undefined {
  const directory = programDirectory();
  const [, stack, pair] = /^(.+)\.([^./]+)$/.exec(site) ?? [];
  return directory === undefined || stack === undefined || pair === undefined ? undefined : { directory, stack, pair };
}

/**
 * The program whose pair is called so, where KVM_MIRROR_PROGRAM names one; undefined: it is a stack of this repository.
 * @param site `<stack>.<pair>`, as the pair's inventory calls itself
 * @throws Refused where that names no pair
 */
export function otherProgram(site: string): OtherProgram | undefined {
  const directory = programDirectory();
  const named = pairNamed(site);
  if (directory !== undefined && !named)
    throw new Refused(
      `${site} names no MirrorPair of the program in ${directory} (${variable}): say --stack <stack>.<name of the ` +
        "pair>, for example prod.storage",
    );
  return named;
}

/** @param what of a command that goes by a stack file. @throws Refused where there is none, but another program */
export function refuseOtherProgram(what: string): void {
  const directory = programDirectory();
  if (directory !== undefined)
    throw new Refused(`${what}, and what a MirrorPair is to be stands in the program in ${directory} (${variable})`);
}
