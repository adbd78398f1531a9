import { at } from "./at.ts";
import { isBelow, keyPath, type Problem } from "../config/problem.ts";
import { secretOfStack } from "../config/secret.ts";

/** Characters from which on a text is looked for in messages; shorter ones are words such as `r0`. */
const shortest = 8;

/**
 * Mistakes without what is secret: the values at some places of the stack file and below, wherever a message
 * repeats one, and every public key: a mistaken one may be a private one.
 */
export function withoutSecrets(
  problems: readonly Problem[],
  raw: Readonly<Record<string, unknown>>,
  secretPlaces: readonly (readonly string[])[],
): readonly Problem[] {
  const secrets = secretPlaces
    .flatMap((place) => textsOf(at(raw, place)))
    .flatMap((text) => [text, text.replace(secretOfStack, "")])
    .filter((text) => text.length >= shortest);
  const clean = (text: string): string => secrets.reduce((said, secret) => said.replaceAll(secret, "…"), text);
  const valueless = [...secretPlaces.map((place) => keyPath(...place)), keyPath("ssh", "authorizedKeys")];
  return problems.map(({ key, value, text }) => {
    const hidden =
      valueless.some((above) => isBelow(key, above)) || (typeof value === "string" && clean(value) !== value);
    return { key: clean(key), ...(hidden || value === undefined ? {} : { value }), text: clean(text) };
  });
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return typeof value === "number" ? [String(value)] : [];
  return Object.values(value).flatMap(textsOf);
}
