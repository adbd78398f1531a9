import { z } from "zod";
import type { Inventory } from "../../inventory/inventory.ts";
import { askHere, askHost, askMirror, patient } from "../remote/runScript.ts";
import { type Seen, seenOf } from "./observe.ts";

/** What at-work.sh says of a process; `command` and `unit` of scripts of ours alone. */
export const ProcessSchema = z.strictObject({
  pid: z.number(),
  parent: z.number(),
  seconds: z.number(),
  program: z.string(),
  command: z.string().nullable(),
  unit: z.string().nullable(),
});
export type Process = z.infer<typeof ProcessSchema>;

/** The processes of every place where scripts of ours run, or why they are not known. */
export interface Processes {
  /** Of this machine. */
  readonly here: Seen<readonly Process[]>;
  readonly mirrors: ReadonlyMap<string, Seen<readonly Process[]>>;
  readonly hosts: ReadonlyMap<string, Seen<readonly Process[]>>;
}

const parse = (text: string): readonly Process[] => z.array(ProcessSchema).parse(JSON.parse(text));

const seen = (ask: () => Promise<string>): Promise<Seen<readonly Process[]>> => seenOf(async () => parse(await ask()));

/** Asks this machine first, so that it does not see the scripts by which the others are asked. */
export async function processesEverywhere(inventory: Inventory): Promise<Processes> {
  const here = await seen(() => askHere(patient, "at-work.sh"));
  const [mirrors, hosts] = await Promise.all([
    Promise.all(
      inventory.mirrors.map(
        async (mirror) => [mirror.name, await seen(() => askMirror(mirror, patient, "at-work.sh"))] as const,
      ),
    ),
    Promise.all(
      inventory.hosts.map(async (host) => [host.name, await seen(() => askHost(host, patient, "at-work.sh"))] as const),
    ),
  ]);
  return { here, mirrors: new Map(mirrors), hosts: new Map(hosts) };
}
