import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { parse } from "yaml";
import { Refused } from "../../refused.ts";
import { newSecret } from "../begin/newSecret.ts";
import type { Sealed } from "../begin/stackText.ts";
import { type Answer, askPulumi } from "./pulumiCommand.ts";
import { stackFile } from "./stackFile.ts";

const secretKey = "kvm-mirror:secret";

/** Whether the stack file may be made: it is not there, or has nothing but what a run that broke off has left. */
export function refuseIfDeclared(stack: string): void {
  const file = stackFile(stack);
  if (existsSync(file) && Object.keys(contents(file).config ?? {}).some((key) => key !== secretKey))
    throw new Refused(`${file} is there already: edit it, or choose another name`);
}

/**
 * Makes the stack in Pulumi's backend, and its secret, which Pulumi encrypts into the stack file.
 * @throws Refused when the backend has the stack, and this repository has no file of it
 */
export function sealStack(stack: string): Sealed {
  const file = stackFile(stack);
  const begun = existsSync(file);
  const made = askPulumi(["stack", "init", stack, "--no-select"], 60);
  if ("why" in made && !(begun && isThere(made)))
    throw isThere(made)
      ? new Refused(
          `Pulumi's backend has a stack ${stack} already, and ${file} is not here. It is where that stack was made; ` +
            "take it from there, or choose another name",
        )
      : new Error(`pulumi stack init ${stack}: ${made.why}`);
  const set = askPulumi(["config", "set", "--stack", stack, "--secret", secretKey], 60, newSecret());
  if ("why" in set) throw new Error(`pulumi config set --secret ${secretKey}: ${set.why}`);
  const { config, ...encryption } = contents(file);
  const sealed = config?.[secretKey];
  if (typeof sealed !== "object" || sealed === null || !("secure" in sealed) || typeof sealed.secure !== "string")
    throw new Error(`${file} has no encrypted ${secretKey} after pulumi config set`);
  return { encryption: encryption as Sealed["encryption"], secret: sealed.secure };
}

const isThere = (answer: Answer): boolean => "why" in answer && /already exists/.test(answer.why);

interface Contents {
  readonly config?: Readonly<Record<string, unknown>>;
}
const contents = (file: string): Contents => (parse(readFileSync(file, "utf8")) as Contents | null) ?? {};

/** Writes a stack file, whole or not at all. */
export function writeStackFile(stack: string, text: string): string {
  const file = stackFile(stack);
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
  return file;
}
