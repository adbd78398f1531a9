import { type Exports, portKey } from "../../config/exports/exports.ts";
import { byProtocol, type Protocol, protocols, titleOf } from "../../config/exports/protocols.ts";
import type { Group } from "../../config/placement/groups.ts";
import type { Attaching } from "./exportPlanning.ts";
import { type DiskSourcePlan, type ExportPlans, planning } from "./protocols.ts";

/** Where the exports of a group are. */
export interface ExportsPlan {
  readonly vip: string;
  readonly prefix: number;
  /** TCP ports on the VIP. */
  readonly ports: Readonly<Record<Protocol, number>>;
}

/** Who may open an export: the active host of the client that owns the disk, and nobody else. */
export interface AdmissionPlan {
  readonly client: string;
  readonly protocol: Protocol;
  /** Storage address of the KVM host whose QEMU connects. */
  readonly address: string;
}

/** TCP ports of a group. */
export const planPorts = (group: Group): ExportsPlan["ports"] => byProtocol((protocol) => group[portKey(protocol)]);

/** The exports of a volume. @param said what the stack file says of them; undefined: there are none */
export function planExports(said: Exports | undefined, volume: string, ports: ExportsPlan["ports"]): ExportPlans {
  const planned = protocols.flatMap((protocol) => {
    const one = said && planning[protocol].planExport(said, { volume, port: ports[protocol] });
    return one === undefined ? [] : [[protocol, one] as const];
  });
  return Object.fromEntries(planned);
}

/** What a client's disk asks for. @throws when the volume is not exported so: the rules have checked that it is */
export function planDiskSource(
  exports: ExportPlans,
  { volume, protocol }: { readonly volume: string; readonly protocol: Protocol },
  attaching: Attaching,
): DiskSourcePlan {
  const source = planning[protocol].planDisk(exports, attaching);
  if (source === undefined)
    throw new Error(`client ${attaching.client}: volume ${volume} has no ${titleOf(protocol)} export`);
  return source;
}

/** Where the exports of a group are. @throws when it has none: whoever asks is about to export a volume of it */
export function exportsOf({ name, exports }: { readonly name: string; readonly exports?: ExportsPlan }): ExportsPlan {
  if (exports === undefined) throw new Error(`group ${name} has no VIP, and exports nothing`);
  return exports;
}
