import type { Inventory } from "../../inventory/inventory.ts";
import { deathPhrase } from "./clientMove.ts";
import { lastCopyPhrase, staleCopyPhrase } from "./decideFailover.ts";
import { givenUpPhrase, offAndEqualPhrase, offPhrase } from "./decideNewest.ts";
import { discardPhrase } from "./decideRecovery.ts";
import { anewPhrase } from "./liveMigration.ts";
import { rollBackPhrase } from "./decideRollBack.ts";

/** Stands for a name in a phrase, and for a time. */
const [name, time] = ["\u0001", "\u0002"];

const phrases: readonly string[] = [
  offPhrase(name),
  offAndEqualPhrase(name, name, undefined),
  offAndEqualPhrase(name, name, time),
  givenUpPhrase(name, time),
  lastCopyPhrase(name, name),
  lastCopyPhrase(name, name, time),
  staleCopyPhrase(name, name, time),
  discardPhrase(name, name),
  rollBackPhrase(name, name, time),
  anewPhrase(name),
  deathPhrase(name, [name]),
  deathPhrase(name, [name, name]),
];

/**
 * What a record says of a phrase that was typed: the phrase, where it is one of ours about names of this stack. Of
 * anything else it says no word: it may be a secret that was typed in the wrong place.
 */
export function phraseWords({ mirrors, volumes, hosts, clients }: Inventory, typed: string): string {
  const known = [...mirrors, ...volumes, ...hosts, ...clients].map((one) => one.name.replace(/[^\w-]/g, "\\$&"));
  const aName = `(?:${known.join("|")})`;
  const aTime = "(?:\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC|they lost each other)";
  const fits = phrases.some((phrase) =>
    new RegExp(`^${phrase.replaceAll(name, aName).replaceAll(time, aTime)}$`).test(typed),
  );
  return fits ? typed : "a phrase that nothing asks for";
}
