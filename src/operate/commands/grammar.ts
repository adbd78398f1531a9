import { type Command, InvalidArgumentError, Option } from "commander";
import { pairNamed } from "../stack/otherProgram.ts";
import { stackName } from "../stack/stackName.ts";
import { type Screen, screenOn } from "../tell/screen.ts";
import { namingProgram, namingStack } from "../tell/typed.ts";
import { examples } from "./help.ts";
import type { Acting, Common } from "./options.ts";
import { runCommand } from "./runCommand.ts";

/** What all commands have in common, as it was typed. */
export interface Typed {
  readonly stack?: string;
  readonly dryRun?: boolean;
  /** Of a command that changes something: what was typed (wordsOf). */
  readonly words?: readonly string[];
}

/** The one grammar of all commands: `kvm-mirror NAME [ARGUMENT] --stack STACK --OPTION …`. */
export interface Grammar {
  /**
   * Adds a command.
   * @param words its name and arguments, as commander wants them
   * @param typed examples of it
   */
  command(group: string, words: string, description: string, ...typed: readonly string[]): Command;
  /** The same for one that changes something. */
  acting(group: string, words: string, description: string, ...typed: readonly string[]): Command;
  /** Runs a command; what it throws becomes a line on stderr and an exit status. */
  run(name: string, typed: Typed, body: (screen: Screen) => Promise<number | void>): Promise<void>;
}

/** @param end what is done with a command's exit status */
export function grammarOf(top: Command, end: (status: number) => void): Grammar {
  const command: Grammar["command"] = (group, words, description, ...typed) =>
    top
      .command(words)
      .helpGroup(group)
      .description(description)
      .addOption(
        new Option(
          "--stack <env>",
          "the stack; without it PULUMI_STACK, else the one that `pulumi stack select` chose",
        ).argParser(nameOfStack),
      )
      .allowExcessArguments() // refuseExcess says it better
      .hook("preAction", refuseExcess)
      .addHelpText("after", () => examples(typed))
      .showHelpAfterError(`(kvm-mirror ${words.split(" ")[0]} --help shows how)`);
  return {
    command,
    acting: (...args) =>
      command(...args)
        .option("--dry-run", "only say what would be done")
        .hook("preAction", (self) => void self.setOptionValue("words", wordsOf(self))),
    run(name, { stack }, body) {
      const screen = screenOn(process.stdout, process.stderr, (text) => asTyped(text, stack));
      return runCommand(name, screen, () => body(screen)).then(end);
    },
  };
}

/** A text whose commands, typed as they stand there, are about the same stack. */
function asTyped(text: string, stack: string | undefined): string {
  const chosen = stack ?? process.env.PULUMI_STACK;
  const program = chosen === undefined ? undefined : pairNamed(chosen);
  if (chosen !== undefined && program) return namingProgram(text, chosen, program);
  return stack !== undefined && stack !== process.env.PULUMI_STACK ? namingStack(text, stack) : text;
}

/** @throws Refused when no stack is named */
export const common = ({ stack }: Typed, screen: Screen): Common => ({ stack: stackName(stack), screen });

/** @throws Refused when no stack is named */
export const acts = (typed: Typed, screen: Screen): Acting => ({
  ...common(typed, screen),
  dryRun: typed.dryRun === true,
  words: typed.words ?? [],
});

/** What was typed, for the record that a command leaves. A phrase is not in it (phraseWords says which it was). */
function wordsOf(self: Command): readonly string[] {
  const typed = self.options.filter((option) => self.getOptionValueSource(option.attributeName()) === "cli");
  const options = typed.flatMap((option) => {
    const value: unknown = self.getOptionValue(option.attributeName());
    if (option.attributeName() === "confirm") return [];
    return [option.long ?? option.flags, ...(value === true ? [] : [String(value)])];
  });
  return [self.name(), ...self.args, ...options];
}

/** @throws for what is no whole number of seconds */
export function seconds(text: string): number {
  if (!/^[1-9][0-9]*$/.test(text)) throw new InvalidArgumentError("it is a whole number of seconds.");
  return Number(text);
}

function nameOfStack(text: string): string {
  if (text === "" || text.startsWith("-")) throw new InvalidArgumentError("it is the name of a stack.");
  return text;
}

/** Before there was one grammar, some commands took the stack as their first word. */
function refuseExcess(self: Command): void {
  const { args, registeredArguments } = self;
  if (args.length <= registeredArguments.length) return;
  const [first = "", client, host] = args;
  const way: Readonly<Record<string, string>> = {
    status: `kvm-mirror status --stack ${first}`,
    inventory: `kvm-mirror inventory --stack ${first}`,
    "disk-xml": `kvm-mirror disk-xml ${client}${host === undefined ? "" : ` --host ${host}`} --stack ${first}`,
  };
  const own = way[self.name()];
  self.error(
    `error: too many words: ${args.join(" ")}. A stack is named by --stack${own === undefined ? " <env>" : `: ${own}`}`,
  );
}
