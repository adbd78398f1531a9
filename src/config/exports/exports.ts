import { z } from "zod";
import { tcpPort } from "../port.ts";
import { byProtocol, exportKeys, type Protocol, protocols, titleOf } from "./protocols.ts";

type ExportShape = { readonly [Name in Protocol]: z.ZodOptional<(typeof exportKeys)[Name]["schema"]> };

/** `exports` of a volume: at least one protocol. */
export const exportsSchema = z
  .strictObject(byProtocol((protocol) => exportKeys[protocol].schema.optional()) as ExportShape)
  .refine((exports) => protocols.some((protocol) => exports[protocol] !== undefined), {
    error:
      "names no protocol; write at least one of " +
      protocols.map((protocol) => exportKeys[protocol].example).join(", "),
  });

/** How clients reach a volume, by protocol. */
export type Exports = z.output<typeof exportsSchema>;

/** `protocol` of a client's disk. */
export const protocolSchema = z
  .enum(protocols)
  .describe(protocols.map((protocol) => `\`${protocol}\` ${exportKeys[protocol].about}`).join("; "));

type PortKey = `${Protocol}Port`;

/** Key of a group that says the protocol's TCP port on its VIP. */
export const portKey = (protocol: Protocol): PortKey => `${protocol}Port`;

const portSchema = (protocol: Protocol) =>
  tcpPort()
    .default(exportKeys[protocol].port)
    .describe(`TCP port of ${titleOf(protocol)} on the VIP`);

/** The keys of a group that say its ports. */
export const portSchemas = Object.fromEntries(
  protocols.map((protocol) => [portKey(protocol), portSchema(protocol)]),
) as { readonly [Key in PortKey]: ReturnType<typeof portSchema> };
