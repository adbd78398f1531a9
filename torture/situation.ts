import type { InventoryClient, InventoryClientDisk, InventoryVolume } from "../src/inventory.ts";
import { mirrorNamed, otherMirror, volumeNamed } from "../src/operate/stack/named.ts";
import type { Protocol } from "./report/report.ts";
import { primaryOf } from "../harness/drbd.ts";
import { quote, type System } from "../harness/system.ts";

/** What is tortured: one client's disk, and all that it hangs on. */
export interface Subject {
  readonly client: InventoryClient;
  readonly disk: InventoryClientDisk;
  readonly volume: InventoryVolume;
}

/** The device of a client's disk, for a shell in the client. */
export const deviceOf = ({ serial }: InventoryClientDisk): string =>
  `/dev/$(lsblk -dno NAME,SERIAL | awk -v serial=${quote(serial)} '$2 == serial { print $1; exit }')`;

/** Who has which part at the moment of a kill. */
export interface Situation extends Subject {
  readonly primary: string;
  readonly standby: string;
  readonly primaryHost: string;
  readonly standbyHost: string;
}

/**
 * The first disk of a client that is attached by this protocol. @throws when
 * there is none, or the stack did not make the client.
 */
export function subjectOf(system: System, protocol: Protocol, clientName: string | undefined): Subject {
  const clients = system.inventory.clients.filter(({ name }) => clientName === undefined || name === clientName);
  for (const client of clients) {
    const disk = client.disks.find((candidate) => candidate.protocol === protocol);
    if (disk && client.ssh) return { client, disk, volume: volumeNamed(system.inventory, disk.volume) };
  }
  throw new Error(
    `stack ${system.inventory.stack} has no ` +
      `client${clientName === undefined ? "" : ` ${clientName}`} made by the stack with a ` +
      `disk by ${protocol}`,
  );
}

/** @throws when no mirror is Primary. */
export async function situationOf(system: System, subject: Subject): Promise<Situation> {
  const primary = await primaryOf(system, subject.volume.name);
  if (primary === undefined) throw new Error(`no mirror says that it is Primary of ${subject.volume.name}`);
  const standby = otherMirror(system.inventory, primary);
  return {
    ...subject,
    primary,
    standby: standby.name,
    primaryHost: mirrorNamed(system.inventory, primary).host,
    standbyHost: standby.host,
  };
}
