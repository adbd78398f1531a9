import { messageOf } from "../plugins/serving/messageOf.ts";
import type { Context } from "./context.ts";
import { letDisksGo } from "./diskSpeed.ts";
import { detachDirect } from "./direct.ts";
import { endOnMirrors } from "./scratch.ts";

/**
 * Takes away what a run left that was killed. It goes on where something fails.
 * @throws at the end, with everything that failed
 */
export async function cleanUp(context: Context): Promise<void> {
  const { clients, mirrors } = context.system.inventory;
  const failed: string[] = [];
  const domains = [...mirrors, ...clients.filter(({ ssh }) => ssh !== undefined)];
  const steps = [
    ...domains.map(
      ({ name, host }) =>
        () =>
          letDisksGo(context, [{ host, domain: name }]),
    ),
    ...clients.filter(({ ssh }) => ssh !== undefined).map((client) => () => detachDirect(context, client)),
    () => endOnMirrors(context),
  ];
  for (const step of steps)
    try {
      await step();
    } catch (error) {
      failed.push(messageOf(error));
    }
  if (failed.length > 0) throw new Error(failed.join("\n"));
  context.say("nothing of bench is left but what it wrote to volumes");
}
