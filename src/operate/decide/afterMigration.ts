import type { InventoryClient } from "../../inventory/inventory.ts";
import type { MigrationSights } from "../observe/migrationSight.ts";
import { decideLive, type LiveMove } from "./liveMigration.ts";

/** Where a client is after an attempt that failed, and what is left to do for it to run there; undefined: nothing. */
export type AfterAttempt =
  | { readonly at: "there"; readonly move: Extract<LiveMove, { kind: "arrive" }> | undefined }
  | { readonly at: "here"; readonly move: Extract<LiveMove, { kind: "stay" }> };

/** Undefined: nobody may decide that but an operator, who repeats the command. */
export function decideAfter(
  client: InventoryClient,
  [from, to]: readonly [string, string],
  seen: MigrationSights,
): AfterAttempt | undefined {
  const decided = (host: string): LiveMove | undefined => {
    try {
      return decideLive(client, host, seen, undefined);
    } catch {
      return undefined; // The command says it, when it is repeated.
    }
  };
  const [there, here] = [decided(to), decided(from)];
  if (there?.kind === "arrive") return { at: "there", move: there };
  if (there?.kind === "stay" && !there.letGo && there.clear === undefined) return { at: "there", move: undefined };
  return here?.kind === "stay" ? { at: "here", move: here } : undefined;
}
