import type { Command } from "commander";
import type { Grammar } from "./grammar.ts";
import { examples } from "./help.ts";

/** Words of the command that makes an environment, before there is a stack to name. */
export function beginning(top: Command, { run }: Grammar): void {
  top
    .command("new <env>")
    .helpGroup("A new environment:")
    .description("asks what a stack file has no default for; writes the file, and makes the stack and its secret")
    .addHelpText("after", () => examples(["kvm-mirror new staging"]))
    .showHelpAfterError("(kvm-mirror new --help shows how)")
    .action((environment: string) =>
      run("new", {}, async (screen) => (await import("./new.ts")).newEnvironment({ environment, screen })),
    );
}
