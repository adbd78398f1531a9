import { stackPlan } from "../stack/stackPlan.ts";
import { siteOf } from "../tell/diagram/blocks.ts";
import { layOut } from "../tell/diagram/layout.ts";
import { renderSvg } from "../tell/diagram/svg.ts";
import type { Common } from "./options.ts";

/** `kvm-mirror diagram`: the site that the stack file describes, as SVG; no mirror or host is asked. */
export async function diagram({ stack, screen }: Common): Promise<void> {
  const plan = await screen.during("reading the stack file", () => stackPlan(stack));
  screen.write(renderSvg(layOut(siteOf(plan))));
}
