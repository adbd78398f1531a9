import { Command } from "commander";
import { repository } from "../stack/pulumiCommand.ts";
import { version } from "../stack/version.ts";
import { beginning } from "./beginningWords.ts";
import { grammarOf } from "./grammar.ts";
import { afterCommands } from "./help.ts";
import { broken } from "./brokenWords.ts";
import { looking } from "./lookingWords.ts";
import { measuring } from "./measuringWords.ts";
import { planned } from "./plannedWords.ts";

/**
 * Every command, its words and its help. What a command does is loaded when it is run: where
 * clients wait for a failover, a start must be quick.
 * @param end what is done with the exit status of a command
 */
export function program(end: (status: number) => void): Command {
  const top = new Command("kvm-mirror")
    .usage("<command> [--stack <env>]")
    .description("Replicated disks for KVM VMs: what there is, planned work, and what to do when something broke.")
    .version(version(), "--version", "the version")
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "kvm-mirror: ")) })
    .showHelpAfterError("(kvm-mirror --help names the commands)")
    .helpCommand(false)
    .configureHelp({ subcommandTerm: (command) => `${command.name()} ${command.usage().replace("[options] ", "")}` })
    .addHelpText("after", () => afterCommands(repository));
  const grammar = grammarOf(top, end);
  beginning(top, grammar);
  looking(grammar);
  planned(grammar);
  broken(grammar);
  measuring(top, end);
  return top;
}
