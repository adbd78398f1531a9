import { z } from "zod";
import { messageOf } from "../../../plugins/serving/messageOf.ts";
import type { InventoryMirror } from "../../inventory/inventory.ts";
import { Refused } from "../../refused.ts";
import { askMirror, patient } from "../remote/runScript.ts";
import { inventoryFor } from "./look.ts";
import type { Common } from "./options.ts";

/** What scripts/guest/monitoring/notify-test.sh says. */
const attempts = z
  .array(z.strictObject({ channel: z.string(), delivered: z.boolean(), error: z.string().nullable() }))
  .nullable();

/** What became of a mirror's messages. */
interface Tried {
  /** One a way to people, as it is shown. */
  readonly lines: readonly string[];
  /** What did not reach everybody: a mirror, or a way of one. */
  readonly lacking: readonly string[];
  /** It is to tell nobody. */
  readonly silent?: boolean;
}

/**
 * `kvm-mirror notify`: both mirrors send a test message by every way that they have.
 * @throws Refused when no mirror is to tell anybody; when something was not delivered
 */
export async function notify(common: Common): Promise<void> {
  const { screen } = common;
  const inventory = await inventoryFor(common);
  const all = await screen.during("having the mirrors send a test message", () =>
    Promise.all(inventory.mirrors.map(tried)),
  );
  if (all.every(({ silent }) => silent === true))
    throw new Refused(
      "the mirrors tell nobody: write kvm-mirror:monitoring.notify into the stack file (docs/monitoring.md), and run " +
        "pulumi up",
    );
  for (const line of all.flatMap(({ lines }) => lines)) screen.say(line);
  const lacking = all.flatMap((one) => one.lacking);
  if (lacking.length > 0) throw new Error(`not delivered as it should be: ${lacking.join(", ")}`);
}

async function tried(mirror: InventoryMirror): Promise<Tried> {
  const { name } = mirror;
  try {
    const said = attempts.parse(JSON.parse(await askMirror(mirror, patient, "notify-test.sh")));
    if (said === null) return { lines: [`${name}: tells nobody; run pulumi up`], lacking: [name], silent: true };
    return {
      lines: said.map(({ channel, delivered, error }) => {
        const but = error === null ? "" : delivered ? `, but ${error}` : `: ${error}`;
        return `${name}: ${channel} ${delivered ? "delivered" : "not delivered"}${but}`;
      }),
      lacking: said.filter(({ error }) => error !== null).map(({ channel }) => `${channel} of ${name}`),
    };
  } catch (error) {
    return { lines: [`${name}: cannot be asked: ${messageOf(error)}`], lacking: [name] };
  }
}
