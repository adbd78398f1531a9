import type { Exports } from "../../config/exports/exports.ts";

/** The volume that is exported. */
export interface Exported {
  readonly volume: string;
  /** TCP port of the protocol at the group's VIP. */
  readonly port: number;
}

/** The client whose disk it becomes. */
export interface Attaching {
  readonly client: string;
  /** KVM hosts on which it is defined. */
  readonly hosts: readonly string[];
}

/** How exports by one protocol are planned. Undefined: the volume is not exported by it. */
export interface ExportPlanning {
  /** @param said what the stack file says of the volume's exports */
  planExport(said: Exports, exported: Exported): object | undefined;
  /** What a client's disk has of this protocol alone. @param planned what `planExport` made, by protocol */
  planDisk(planned: object, attaching: Attaching): { readonly port: number; readonly sourceName: string } | undefined;
}
