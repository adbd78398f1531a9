import type { ExportKeys } from "./exportKeys.ts";
import { iscsi } from "./iscsi/iscsi.ts";
import { nbd } from "./nbd/nbd.ts";

const byName = { nbd, iscsi };

/** A protocol that a volume can be exported by, as in the stack file. Every layer below has a part for each. */
export type Protocol = keyof typeof byName;

/** All of them, in the order in which keys, messages and files name them. */
export const protocols = Object.keys(byName) as readonly Protocol[];

/** What the stack file says of a protocol. */
export const exportKeys: { readonly [Name in Protocol]: ExportKeys & (typeof byName)[Name] } = byName;

/** A protocol as people write it. */
export const titleOf = (protocol: Protocol): string => exportKeys[protocol].title;

/** A value for each protocol. */
export function byProtocol<Value>(of: (protocol: Protocol) => Value): { readonly [Name in Protocol]: Value } {
  return Object.fromEntries(protocols.map((protocol) => [protocol, of(protocol)])) as { [Name in Protocol]: Value };
}
