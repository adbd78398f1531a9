/** Taking secrets out of values for the kinds, and putting them back afterwards. */
import { isObject, SECRET_SIGNATURE, SIGNATURE_KEY, UNKNOWN } from "./wire.ts";
import type { Plain, PlainObject } from "./wire.ts";
import type { Path, Step } from "./propertyPath.ts";

export interface Unwrapped {
  readonly values: PlainObject;
  /** Where secrets were. An index of an array is given as `*`: an element that moves stays secret. */
  readonly secretPaths: readonly Path[];
  /** The secret texts themselves, to mask them in messages. */
  readonly secretTexts: readonly string[];
}

/** The values without their wrapping, and where the secrets were. */
export function unwrapSecrets(values: PlainObject): Unwrapped {
  const secretPaths: Path[] = [];
  const secretTexts: string[] = [];
  const visit = (value: Plain, path: Path, secret: boolean): Plain => {
    if (isSecret(value)) {
      secretPaths.push(path);
      return visit(value.value ?? null, path, true);
    }
    if (Array.isArray(value)) return value.map((item) => visit(item, [...path, "*"], secret));
    if (isObject(value)) return mapValues(value, (item, key) => visit(item, [...path, key], secret));
    if (secret && typeof value === "string" && value !== UNKNOWN) secretTexts.push(value);
    return value;
  };
  const plain = mapValues(values, (value, key) => visit(value, [key], false));
  return { values: plain, secretPaths: distinct(secretPaths), secretTexts };
}

/**
 * The values with everything at the given paths wrapped as secrets. Where a path leads nowhere because the shape
 * changed, the nearest thing that holds it is wrapped instead: nothing secret may turn plain.
 */
export function wrapSecrets(values: PlainObject, paths: readonly Path[]): PlainObject {
  return paths.reduce((result, path) => wrapAt(result, path) as PlainObject, values);
}

function wrapAt(value: Plain, path: Path): Plain {
  const [step, ...rest] = path;
  if (isSecret(value)) return value;
  if (step === undefined) return { [SIGNATURE_KEY]: SECRET_SIGNATURE, value };
  if (step === "*" && Array.isArray(value)) return value.map((item) => wrapAt(item, rest));
  if (step === "*" && isObject(value)) return mapValues(value, (item) => wrapAt(item, rest));
  if (isObject(value)) return wrapMember(value, step, rest);
  return { [SIGNATURE_KEY]: SECRET_SIGNATURE, value };
}

function wrapMember(value: PlainObject, step: Step, rest: Path): PlainObject {
  const member = value[step];
  return member === undefined ? value : { ...value, [step]: wrapAt(member, rest) };
}

function isSecret(value: Plain): value is PlainObject {
  return isObject(value) && value[SIGNATURE_KEY] === SECRET_SIGNATURE;
}

function mapValues(object: PlainObject, change: (value: Plain, key: string) => Plain): PlainObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value, key)]));
}

function distinct(paths: readonly Path[]): Path[] {
  return [...new Map(paths.map((path) => [JSON.stringify(path), path])).values()];
}
