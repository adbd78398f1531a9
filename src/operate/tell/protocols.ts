import type { Protocol } from "../../config/exports/protocols.ts";

/** What an operator is told of exports by a protocol. */
interface Told {
  /** The program that serves them on a mirror. */
  readonly server: string;
  /** After a switch or failover its client (of NBD: QEMU's own) connects again only when its guest reads or writes. */
  readonly connectsWhenUsed: boolean;
}

const byName: { readonly [Name in Protocol]: Told } = {
  nbd: { server: "nbd-server", connectsWhenUsed: true },
  iscsi: { server: "tgtd", connectsWhenUsed: false },
};

export const told = (protocol: Protocol): Told => byName[protocol];
