import type { Protocol } from "../../config/exports/protocols.ts";
import type { ExportPlanning } from "./exportPlanning.ts";
import { iscsi } from "./iscsi/iscsi.ts";
import { nbd } from "./nbd/nbd.ts";

/** How exports by each protocol are planned; the type checker finds the one that is missing. */
export const planning = { nbd, iscsi } satisfies { readonly [Name in Protocol]: ExportPlanning };

type Planned<Name extends Protocol, What extends keyof ExportPlanning> = NonNullable<
  ReturnType<(typeof planning)[Name][What]>
>;

/** A volume's exports, by protocol. */
export type ExportPlans = { readonly [Name in Protocol]?: Planned<Name, "planExport"> };

/** What a client's disk has of its protocol: port, name, and what else the protocol needs. */
export type DiskSourcePlan<Name extends Protocol = Protocol> = {
  readonly [Each in Name]: { readonly protocol: Each } & Planned<Each, "planDisk">;
}[Name];
