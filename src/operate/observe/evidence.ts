import { z } from "zod";
import type { Inventory } from "../../inventory/inventory.ts";
import { hostNamed, mirrorNamed } from "../stack/named.ts";
import { askHost, type Patience } from "../remote/runScript.ts";
import { messageOf } from "../../../plugins/serving/messageOf.ts";

/**
 * What a mirror's KVM host knows of it, without a word from the mirror itself:
 * the only witness when all cables between the hosts are cut.
 * - `domain`: `running`: it has a QEMU process; `unknown`: the host cannot be asked; `moved`: it was taken to
 *   another KVM host, and nobody knows where it runs; `why` says by what that is known
 * - `marks`: since when a volume has gone on alone there, by volume, as `timeOf` writes
 *   it. A volume without a mark has acknowledged no write alone: the
 *   peer's copy is equal (scripts/guest/replication/fence-peer.sh). Undefined: the marks cannot be read, `why` says why
 * - `alive`: when it last wrote a sign of life beside its marks, seconds since 1970 (scripts/guest/replication/
 *   watch-peer.sh). Missing: it has never written one
 */
export interface Evidence {
  readonly domain: "running" | "off" | "unknown" | "moved";
  readonly marks: ReadonlyMap<string, string> | undefined;
  readonly why?: string;
  readonly alive?: number;
}

const schema = z.strictObject({
  domain: z.enum(["running", "off", "moved"]),
  marks: z.record(z.string(), z.number()).nullable(),
  why: z.string().optional(),
  alive: z.number().optional(),
});

/** Nobody has seen whether it is off: only the operator's word can stand for that. */
export function mayRunUnseen(domain: Evidence["domain"]): boolean {
  return domain === "unknown" || domain === "moved";
}

/** A moment for a person, from seconds since 1970. */
export function timeOf(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** Reads what scripts/host/mirror-evidence.sh says. */
export function parseEvidence(text: string): Evidence {
  const { domain, marks, why, alive } = schema.parse(JSON.parse(text));
  return {
    domain,
    marks:
      marks === null ? undefined : new Map(Object.entries(marks).map(([volume, since]) => [volume, timeOf(since)])),
    ...(why === undefined ? {} : { why }),
    ...(alive === undefined ? {} : { alive }),
  };
}

/** Asks the KVM host of a mirror. One that does not answer is part of the picture, not an error. */
export async function evidenceOf(inventory: Inventory, mirror: string, patience: Patience): Promise<Evidence> {
  const host = hostNamed(inventory, mirrorNamed(inventory, mirror).host);
  try {
    return parseEvidence(await askHost(host, patience, "mirror-evidence.sh", mirror));
  } catch (error) {
    return { domain: "unknown", marks: undefined, why: messageOf(error) };
  }
}

/** The same for every mirror, at the same time. */
export async function everyEvidence(inventory: Inventory, patience: Patience): Promise<ReadonlyMap<string, Evidence>> {
  return new Map(
    await Promise.all(
      inventory.mirrors.map(async ({ name }) => [name, await evidenceOf(inventory, name, patience)] as const),
    ),
  );
}
