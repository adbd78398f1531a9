/** Validation of a resource's or the provider's arguments, with defaults filled in. */
import { parsePartially } from "./partialParse.ts";
import type { AnyKind } from "./crud.ts";
import type { CheckFailure } from "./resource.ts";
import { flaggedPaths } from "./schema.ts";
import type { Schema } from "./schema.ts";
import { unwrapSecrets, wrapSecrets } from "./secrets.ts";
import { withoutUnknowns } from "./unknowns.ts";
import { pruned } from "./wire.ts";
import type { PlainObject } from "./wire.ts";

export interface Checked {
  /** The arguments with defaults, unknowns and secrets in their places. */
  readonly inputs: PlainObject;
  readonly failures: readonly CheckFailure[];
}

type Rules = (news: { [key: string]: unknown }) => readonly CheckFailure[];

/** Judges by the schema and, where that has nothing to object to, by the rules over several properties. */
export function checkBySchema(schema: Schema, news: PlainObject, rules: Rules = () => []): Checked {
  const { values, secretPaths } = unwrapSecrets(withoutNulls(news));
  const parsed = parsePartially(schema, values);
  if (parsed.failures.length > 0) return { inputs: news, failures: parsed.failures };
  const inputs = pruned(parsed.value) as PlainObject;
  const failures = rules(withoutUnknowns(inputs));
  return { inputs: wrapSecrets(inputs, [...secretPaths, ...flaggedPaths(schema, "secret")]), failures };
}

/** `olds` are the inputs so far; empty for a new resource. */
export function checkResource(kind: AnyKind, olds: PlainObject, news: PlainObject): Checked {
  const before = Object.keys(olds).length === 0 ? undefined : unwrapSecrets(olds).values;
  return checkBySchema(kind.inputs as unknown as Schema, news, (known) => kind.check?.(known, before) ?? []);
}

/** A property set to null is one that is not set: the SDKs send both. */
function withoutNulls(values: PlainObject): PlainObject {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}
