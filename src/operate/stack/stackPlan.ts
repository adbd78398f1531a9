import { z } from "zod";
import { configOf } from "../../check/configOf.ts";
import { makePlan } from "../../plan/makePlan.ts";
import type { Plan } from "../../plan/plan.ts";
import { shortName } from "./inventorySchema.ts";
import { pulumi } from "./pulumiCommand.ts";

const project = "kvm-mirror";
const settings = z.record(z.string(), z.object({ value: z.string().optional() }));

/**
 * What the stack file leads to as it is now, whether or not `up` has carried
 * it out. @throws ConfigError when the file has mistakes.
 */
export async function stackPlan(stack: string): Promise<Plan> {
  const said = settings.parse(JSON.parse(await pulumi(stack, ["config", "--json", "--show-secrets"])));
  const texts = Object.entries(said).flatMap(([key, { value }]) =>
    key.startsWith(`${project}:`) && value !== undefined ? [[key.slice(project.length + 1), value] as const] : [],
  );
  return makePlan(configOf(Object.fromEntries(texts)), { project, stack: shortName(stack) });
}
