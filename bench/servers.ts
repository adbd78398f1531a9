import { type Context, within } from "./context.ts";
import { guestScript } from "./guestScript.ts";
import type { Spot, Target } from "./spot.ts";

/** Something that serves a volume over the network; guest/servers.sh starts it, and says when it answers a write. */
export interface Server {
  /** Its word in guest/servers.sh. */
  readonly name: string;
  readonly title: string;
  readonly port: number;
  /** LUN of its target. Undefined: it speaks NBD. */
  readonly lun?: number;
}

export const nbdServer: Server = { name: "nbd-server", title: "nbd-server", port: 10899 };

export const lio: Server = { name: "lio", title: "LIO", port: 10895, lun: 0 };

/** Those that exports are served by, and those that could serve them. */
export const servers: readonly Server[] = [
  nbdServer,
  { name: "nbdkit", title: "nbdkit", port: 10898 },
  { name: "qemu-nbd", title: "qemu-nbd", port: 10897 },
  { name: "tgt", title: "tgt", port: 10896, lun: 1 },
  lio,
];

const [serversCommand, initiatorCommand] = [guestScript("servers"), guestScript("initiator")];

/**
 * The shell command that starts it over a device that is not exported, so that it is measured without a client's disk.
 * It listens at an address of the storage network, and admits the mirrors alone.
 */
export const startCommand = ({ name }: Server, address: string, device: string, mirrors: readonly string[]): string =>
  serversCommand("start", name, address, device, ...mirrors);

/** The shell command that ends all of them, in the mirror that served. None there: nothing happens. */
export const stopCommand = serversCommand("stop");

/** The shell command that logs out of all targets of bench. Logged in to none: nothing happens. */
export const logOutCommand = initiatorCommand("log_out");

const iqn = ({ name }: Server): string => `iqn.2026-11.kvm-mirror.bench:${name}`;

/** What fio works on, in a mirror that reaches the server. */
export const targetOf = (server: Server, address: string): Target =>
  server.lun === undefined
    ? { kind: "nbd", uri: `nbd://${address}:${server.port}/bench` }
    : {
        kind: "device",
        path: `/dev/disk/by-path/ip-${address}:${server.port}-iscsi-${iqn(server)}-lun-${server.lun}`,
      };

/** The shell command that makes that disk, for a server of iSCSI. */
export const logInCommand = (server: Server, address: string): string =>
  initiatorCommand("log_in", `${address}:${server.port}`, iqn(server), String(server.lun));

/** The shell command that prints what a mirror lacks to run it. */
export const lacksCommand = ({ name }: Server): string => serversCommand("lacks", name);

/** What the mirrors lack to measure a server; the empty text when nothing is. */
export async function lacks(
  context: Context,
  server: Server,
  here: Spot["place"],
  there: Spot["place"],
): Promise<string> {
  const own = (await within(context, here, lacksCommand(server))).trim();
  const other = server.lun === undefined ? "" : (await within(context, there, initiatorCommand("lacks"))).trim();
  const words = [own && `${here.name} lacks ${own}`, other && `${there.name} lacks ${other}`];
  return words.filter((part) => part !== "").join(", ");
}
