import { shellWord } from "../plugins/serving/shell.ts";
import type { InventoryClient, InventoryClientDisk, InventoryVolume } from "../src/inventory/inventory.ts";
import { volumeNamed } from "../src/operate/stack/named.ts";
import type { System } from "./system.ts";

/** What is worked on: one client's disk, and all that it hangs on. */
export interface Subject {
  readonly client: InventoryClient;
  readonly disk: InventoryClientDisk;
  readonly volume: InventoryVolume;
}

/** The device of a client's disk, for a shell in the client. */
export const deviceOf = ({ serial }: InventoryClientDisk): string =>
  `/dev/$(lsblk -dno NAME,SERIAL | awk -v serial=${shellWord(serial)} '$2 == serial { print $1; exit }')`;

/**
 * The first disk of a client that is attached by this protocol. @throws when
 * there is none, or the stack did not make the client.
 */
export function subjectOf(
  system: System,
  protocol: InventoryClientDisk["protocol"],
  clientName: string | undefined,
): Subject {
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
