import type { GroupPlan } from "../../plan/placement/groups.ts";
import { peerOf } from "../../plan/placement/pair.ts";
import type { Plan } from "../../plan/plan.ts";
import type { MirrorVm } from "../machines/MirrorVm.ts";
import { need } from "../need.ts";

/** The two mirrors of a group, by where the configuration would have it. */
export function placed(
  { mirrors }: Plan,
  made: ReadonlyMap<string, MirrorVm>,
  { preferred }: GroupPlan,
): { readonly preferred: MirrorVm; readonly peer: MirrorVm } {
  return { preferred: need(made, preferred), peer: need(made, peerOf(mirrors, preferred).name) };
}
