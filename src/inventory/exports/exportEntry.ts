import type { z } from "zod";
import type { Protocol } from "../../config/exports/protocols.ts";
import type { DiskSourcePlan, ExportPlans } from "../../plan/exports/protocols.ts";

/** Where an export is. */
export interface ExportPlace {
  readonly volume: string;
  /** The group's VIP. */
  readonly address: string;
  readonly port: number;
}

/** What a client's disk in the inventory may have of its protocol alone. */
export interface DiskFacts {
  /** iSCSI only: initiator name by KVM host. */
  readonly initiators?: Readonly<Record<string, string>>;
}

type Shape = Readonly<Record<string, z.ZodType>>;
type Facts<Of extends Shape> = z.output<z.ZodObject<Of>>;

/** What the inventory says of exports by one protocol, beside their place. */
export interface ExportEntry<Name extends Protocol, Of extends Shape> {
  /** How it is read. */
  readonly shape: Of;
  /** What the plan has of it. Undefined: the volume is not exported by this protocol. */
  tell(exports: ExportPlans): Facts<Of> | undefined;
  /** What a client's disk asks for, as it was planned. */
  diskSource(said: ExportPlace & Facts<Of>, disk: DiskFacts): DiskSourcePlan<Name>;
}
