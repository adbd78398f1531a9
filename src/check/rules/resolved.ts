import type { ConfigDraft } from "./rule.ts";
import { leftOut } from "../draft.ts";

/** Mirrors on the host where a client is active; none where nobody knows that host. */
export function mirrorsBeside({ clients, mirrors }: ConfigDraft, client: string): readonly string[] {
  const active = Object.hasOwn(clients, client) ? clients[client]?.active : undefined;
  return Object.entries(mirrors).flatMap(([name, { host }]) => (host !== undefined && host === active ? [name] : []));
}

/** Group of a volume as the plan sees it: the one that it names, or the only one; undefined when nobody knows. */
export function groupOf({ volumes, groups }: ConfigDraft, volume: string): string | undefined {
  const block = volumes[volume];
  const names = Object.keys(groups);
  if (block === undefined) return undefined;
  if (block.group !== undefined) return names.includes(block.group) ? block.group : undefined;
  return leftOut(block, "group") && names.length === 1 ? names[0] : undefined;
}
