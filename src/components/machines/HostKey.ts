import type * as pulumi from "@pulumi/pulumi";
import type { MachinePlan } from "../../plan/machines/machine.ts";
import type { Keys } from "../../plan/secrets.ts";
import { operatorCommand } from "../operatorCommand.ts";

/** A machine's host key of this generation, for a machine that may still show one of the generations before. */
export interface HostKeyChange {
  /** OpenSSH's form. */
  readonly privateKey: string;
  /** The last one first. */
  readonly earlier: readonly string[];
  /** Seconds within which the machine must answer. */
  readonly deadline: number;
}

/** What a machine needs to go over to its host key; undefined for the first generation, which it gets at its birth. */
export function hostKeyChange(keys: Keys, machine: string, deadline: number): HostKeyChange | undefined {
  const earlier = keys.earlierHostKeys(machine);
  return earlier.length === 0 ? undefined : { privateKey: keys.sshHostKey(machine).privateKey, earlier, deadline };
}

/** Has a running machine show its host key of this generation. None: there is nothing to do. */
export function changeHostKey(
  name: string,
  { sshTarget, hostKey }: MachinePlan,
  change: HostKeyChange | undefined,
  rerunOn: Readonly<Record<string, pulumi.Input<string>>>,
  opts: pulumi.CustomResourceOptions,
): readonly pulumi.Resource[] {
  if (change === undefined) return [];
  const { privateKey, earlier, deadline } = change;
  const args = [sshTarget, hostKey, String(deadline), ...earlier];
  return [operatorCommand(`${name}-host-key`, { script: "host-key.sh", args, secretStdin: privateKey, rerunOn }, opts)];
}
