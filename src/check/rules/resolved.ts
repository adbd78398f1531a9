import type { ConfigDraft } from "./rule.ts";
import { leftOut } from "../draft.ts";

/** Group of a volume as the plan sees it: the one that it names, or the only one; undefined when nobody knows. */
export function groupOf({ volumes, groups }: ConfigDraft, volume: string): string | undefined {
  const block = volumes[volume];
  const names = Object.keys(groups);
  if (block === undefined) return undefined;
  if (block.group !== undefined) return names.includes(block.group) ? block.group : undefined;
  return leftOut(block, "group") && names.length === 1 ? names[0] : undefined;
}
