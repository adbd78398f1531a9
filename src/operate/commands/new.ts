import { readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { createInterface } from "node:readline/promises";
import { parse } from "yaml";
import { Refused } from "../../refused.ts";
import { type Asker, interview } from "../begin/interview.ts";
import { stackText } from "../begin/stackText.ts";
import { refuseIfDeclared, sealStack, writeStackFile } from "../stack/newStack.ts";
import { stackFile } from "../stack/stackFile.ts";
import { stackFiles } from "../stack/stackName.ts";
import type { Screen } from "../tell/screen.ts";

export interface NewOptions {
  readonly environment: string;
  readonly screen: Screen;
}

/** `kvm-mirror new`: asks what a stack file has no default for, and makes the file, the stack and its secret. */
export async function newEnvironment({ environment, screen }: NewOptions): Promise<void> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(environment))
    throw new Refused(`${environment} is no name of a stack: letters, digits and . _ -, a letter or digit first`);
  refuseIfDeclared(environment);
  const { asker, close } = terminal();
  const answers = await interview(asker, {
    environment,
    month: new Date().toISOString().slice(0, 7),
    publicKeys: publicKeys(),
    takenMirrors: stackFiles().flatMap(mirrorsOf),
  }).finally(close);
  const sealed = await screen.during(`making the stack ${environment}`, () => sealStack(environment));
  const file = writeStackFile(environment, stackText(answers, sealed));
  screen.say(
    `${file} is written, and has its secret. What comes next:\n` +
      `  kvm-mirror check --stack ${environment}      whether hosts, networks and images are as it needs them\n` +
      `  pulumi preview --stack ${environment}        what would be made\n` +
      `  pulumi up --stack ${environment}`,
  );
}

/** Questions go to stderr; answers may come from a file. */
function terminal(): { readonly asker: Asker; readonly close: () => void } {
  const lines = createInterface({
    input: process.stdin,
    output: process.stderr,
    terminal: process.stdin.isTTY === true,
  });
  // Answers that come faster than they are asked for are kept.
  const iterator = lines[Symbol.asyncIterator]();
  return {
    close: () => lines.close(),
    asker: {
      async ask(prompt) {
        process.stderr.write(prompt);
        const { done, value } = await iterator.next();
        if (done) throw new Refused("the questions were not answered to the end; nothing was written");
        return value.trim();
      },
      say: (line) => void process.stderr.write(`${line}\n`),
    },
  };
}

/** The operator's own; none where there is no such directory. */
function publicKeys(): readonly string[] {
  const directory = `${homedir()}/.ssh`;
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith(".pub"))
      .toSorted((one, other) => Number(other.includes("ed25519")) - Number(one.includes("ed25519")))
      .map((name) => readFileSync(`${directory}/${name}`, "utf8").trim());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** Names in another stack file. One that cannot be read is of no interest here. */
function mirrorsOf(stack: string): readonly string[] {
  try {
    const { config } = parse(readFileSync(stackFile(stack), "utf8")) as { config?: Record<string, object | undefined> };
    return Object.keys(config?.["kvm-mirror:mirrors"] ?? {});
  } catch {
    return [];
  }
}
