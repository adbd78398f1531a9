import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { MachinePlan } from "../plan/machines/machine.ts";
import { shellLine } from "../../plugins/serving/shell.ts";

/** A script of this repository with its arguments. */
export interface Script {
  readonly script: string;
  readonly args?: readonly string[];
}

export interface ScriptRun extends Script {
  /** Document that the script reads. One that holds a secret is `secretStdin`. */
  readonly stdin?: pulumi.Input<string>;
  /** The same, kept as a secret in the state, and with it whatever the script prints. */
  readonly secretStdin?: pulumi.Input<string>;
  /** What to run when the resource is removed. */
  readonly remove?: Script;
  /** Things beside arguments and stdin whose change must run the script again, by name. */
  readonly rerunOn?: Readonly<Record<string, pulumi.Input<string>>>;
  /** The script finds its output of the run before in PULUMI_COMMAND_STDOUT. */
  readonly remembers?: boolean;
}

const scripts = fileURLToPath(new URL("../../scripts/operator", import.meta.url));

/**
 * The path is relative to the program's directory (src/, or another program's), where Pulumi runs
 * local commands: state holds no path of any machine, so two
 * operators with clones in different places see no difference.
 */
function operatorScript(name: string, args: readonly string[]): string {
  return shellLine(["bash", `${relative(process.cwd(), scripts)}/${name}`, ...args]);
}

function scriptCommand(
  name: string,
  create: string,
  run: ScriptRun | undefined,
  remove: string | undefined,
  opts: pulumi.CustomResourceOptions,
): command.local.Command {
  const stdin = run?.secretStdin === undefined ? run?.stdin : pulumi.secret(run.secretStdin);
  return new command.local.Command(
    name,
    {
      create,
      ...(remove === undefined ? {} : { delete: remove }),
      ...(stdin === undefined ? {} : { stdin }),
      ...(run?.rerunOn === undefined ? {} : { environment: { ...run.rerunOn } }),
      // No `update`: a changed input runs `create` again, and every script is safe to run twice.
      addPreviousOutputInEnv: run?.remembers ?? false,
    },
    // The official plugin takes no output for a secret because an input is one.
    run?.secretStdin === undefined ? opts : { ...opts, additionalSecretOutputs: ["stdout", "stderr"] },
  );
}

/** Runs a script of scripts/operator on the operator's machine. */
export function operatorCommand(
  name: string,
  run: ScriptRun,
  opts: pulumi.CustomResourceOptions,
): command.local.Command {
  const line = (script: Script): string => operatorScript(script.script, script.args ?? []);
  return scriptCommand(name, line(run), run, run.remove && line(run.remove), opts);
}

/** Runs a script of scripts/guest as root on a mirror, where install-tools.sh has put it. */
export function mirrorCommand(
  name: string,
  mirror: MachinePlan,
  run: ScriptRun,
  opts: pulumi.CustomResourceOptions,
): command.local.Command {
  const line = (script: Script): string =>
    operatorScript("on-mirror.sh", [mirror.sshTarget, mirror.hostKey, script.script, ...(script.args ?? [])]);
  return scriptCommand(name, line(run), run, run.remove && line(run.remove), opts);
}

/** Runs a script of scripts/host as root on a KVM host. */
export function hostCommand(
  name: string,
  uri: string,
  run: ScriptRun,
  opts: pulumi.CustomResourceOptions,
): command.local.Command {
  const line = (script: Script): string => operatorScript("on-host.sh", [uri, script.script, ...(script.args ?? [])]);
  return scriptCommand(name, line(run), run, run.remove && line(run.remove), opts);
}
