import type { Inventory } from "../../inventory/inventory.ts";
import { askHost, askMirror, type Patience, patient } from "../remote/runScript.ts";
import { domainsOn } from "./domainsOn.ts";
import { type Seen, seenOf } from "./observe.ts";
import { unpacked } from "./unpacked.ts";

/** A time, in seconds since 1970. */
export interface Span {
  readonly since: number;
  readonly until: number;
}

/** What every machine tells of itself and of a time, as text; or why it does not. */
export interface MachineReports {
  readonly mirrors: ReadonlyMap<string, Seen<string>>;
  readonly hosts: ReadonlyMap<string, Seen<string>>;
}

/** A journal of hours is read, packed and sent: that takes longer than a word about a state. */
export const unhurried: Patience = { ...patient, answer: 180 };

/** Asks all of them at the same time. One that does not answer is part of the picture, not an error. */
export async function machineReports(inventory: Inventory, { since, until }: Span): Promise<MachineReports> {
  const span = [String(since), String(until)] as const;
  const [mirrors, hosts] = await Promise.all([
    Promise.all(
      inventory.mirrors.map(
        async (mirror) => [mirror.name, await told(() => askMirror(mirror, unhurried, "report.sh", ...span))] as const,
      ),
    ),
    Promise.all(
      inventory.hosts.map(
        async (host) =>
          [
            host.name,
            // It keeps QEMU's log of each domain.
            await told(() => askHost(host, unhurried, "report.sh", ...span, ...domainsOn(inventory, host.name))),
          ] as const,
      ),
    ),
  ]);
  return { mirrors: new Map(mirrors), hosts: new Map(hosts) };
}

const told = (ask: () => Promise<string>): Promise<Seen<string>> => seenOf(async () => unpacked(await ask()));
