import { brief } from "../../config/brief.ts";
import type { Problem } from "../../config/problem.ts";
import { listed } from "../suggest.ts";

/** The names and blocks of a named block. */
export function entries<Value>(blocks: Readonly<Record<string, Value>>): readonly (readonly [string, Value])[] {
  return Object.entries(blocks);
}

/** A name that nobody has. Says nothing when there are no names at all, which is a mistake of its own. */
export function unknownName(
  what: string,
  name: string | undefined,
  known: Readonly<Record<string, unknown>>,
  key: string,
): readonly Problem[] {
  const names = Object.keys(known);
  if (name === undefined || names.length === 0 || names.includes(name)) return [];
  return [{ key, value: name, text: `is no ${what}; there ${names.length === 1 ? "is" : "are"} ${someOf(names)}` }];
}

/** Names that a message repeats. */
const most = 8;

/** Names as a message lists them: a few, and how many more there are. */
export function someOf(names: readonly string[]): string {
  const short = names.map((name) => (/^[\w.-]{1,63}$/.test(name) ? name : brief(name)));
  return short.length <= most
    ? listed(short)
    : `${short.slice(0, most - 1).join(", ")} and ${short.length - most + 1} more`;
}

/** Calls `repeated` for every item whose key an earlier item has. */
export function* eachRepeated<Item, Found>(
  items: readonly Item[],
  keyOf: (item: Item) => string | number | undefined,
  repeated: (item: Item, first: Item) => Found,
): Generator<Found> {
  const firsts = new Map<string | number, Item>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === undefined) continue;
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, item);
    else yield repeated(item, first);
  }
}
