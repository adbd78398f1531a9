import { z } from "zod";
import { configOf } from "../../check/configOf.ts";
import { ownProject as project } from "../../inventory/inventory.ts";
import { makePlan } from "../../plan/makePlan.ts";
import type { Plan } from "../../plan/plan.ts";
import { shortName } from "./inventorySchema.ts";
import { refuseOtherProgram } from "./otherProgram.ts";
import { askPulumi } from "./pulumiCommand.ts";

const settings = z.record(z.string(), z.object({ value: z.string().optional() }));

/**
 * What the stack file leads to as it is now, whether or not `up` has carried
 * it out. @throws ConfigError when the file has mistakes; with Pulumi's words when it does not tell its values
 */
export async function stackPlan(stack: string): Promise<Plan> {
  refuseOtherProgram("this goes by the stack file");
  // What Pulumi says beside it, of a newer version for example, is not part of it.
  const answer = askPulumi(["config", "--json", "--show-secrets", "--stack", stack], 60);
  if ("why" in answer) throw new Error(answer.why);
  const texts = Object.entries(settings.parse(JSON.parse(answer.said))).flatMap(([key, { value }]) =>
    key.startsWith(`${project}:`) && value !== undefined ? [[key.slice(project.length + 1), value] as const] : [],
  );
  return makePlan(configOf(Object.fromEntries(texts)), { project, stack: shortName(stack) });
}
