import { z } from "zod";
import { type Protocol, protocols } from "../../config/exports/protocols.ts";
import type { DiskSourcePlan, ExportPlans } from "../../plan/exports/protocols.ts";
import type { DiskFacts, ExportPlace } from "./exportEntry.ts";
import { iscsi } from "./iscsi.ts";
import { nbd } from "./nbd.ts";

const entries = { nbd, iscsi } satisfies Readonly<Record<Protocol, object>>;

type Facts<Name extends Protocol> = Readonly<z.output<z.ZodObject<(typeof entries)[Name]["shape"]>>>;

/** A volume's export by one protocol. */
export type InventoryExport<Name extends Protocol = Protocol> = {
  readonly [Each in Name]: { readonly protocol: Each } & ExportPlace & Facts<Each>;
}[Name];

/** How each protocol's exports are told; the type checker finds the one that is missing. */
const byName: { readonly [Name in Protocol]: Entry<Name> } = entries;

interface Entry<Name extends Protocol> {
  tell(exports: ExportPlans): Facts<Name> | undefined;
  diskSource(said: InventoryExport<Name>, disk: DiskFacts): DiskSourcePlan<Name>;
}

/** Where a volume is exported, by protocol. */
export const exportPlaces = Object.fromEntries(
  protocols.map((protocol) => [
    protocol,
    z.strictObject({ address: z.string().describe("The group's VIP."), port: z.number(), ...entries[protocol].shape }),
  ]),
) as unknown as { readonly [Name in Protocol]: z.ZodType<Omit<ExportPlace, "volume"> & Facts<Name>> };

/** An export as it is read. Keys that this version does not know stay. */
export const exportSchema = z.discriminatedUnion(
  "protocol",
  protocols.map((protocol) => {
    const place = { volume: z.string(), address: z.string(), port: z.number() };
    return z.looseObject({ protocol: z.literal(protocol), ...place, ...entries[protocol].shape });
  }) as unknown as readonly [z.ZodObject],
) as unknown as z.ZodType<InventoryExport>;

/** What the inventory says of a volume's exports. @param address the VIP, asked for where there is an export */
export function tellExports(
  { name, exports }: { readonly name: string; readonly exports: ExportPlans },
  address: () => string,
): readonly InventoryExport[] {
  return protocols.flatMap((protocol) => {
    const facts = byName[protocol].tell(exports);
    const port = exports[protocol]?.port;
    if (facts === undefined || port === undefined) return [];
    return [{ volume: name, protocol, address: address(), port, ...facts } as InventoryExport];
  });
}

/** What a client's disk asks for at an export. */
export function diskSourceOf<Name extends Protocol>(
  said: InventoryExport<Name>,
  disk: DiskFacts = {},
): DiskSourcePlan<Name> {
  return byName[said.protocol].diskSource(said, disk);
}
