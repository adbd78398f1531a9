/** What bin/kvm-mirror runs. */
import { CommanderError } from "commander";
import { program } from "./program.ts";
import { exitStatus } from "./runCommand.ts";

try {
  await program((status) => void (process.exitCode = status)).parseAsync();
} catch (error) {
  // Help was asked for, or what was typed is no command: it was said already.
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : exitStatus.usage;
}
