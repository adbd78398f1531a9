import { describe, expect, it } from "vitest";
import { parseDocument } from "yaml";
import { at } from "../../../src/check/at.ts";
import { parseConfig } from "../../../src/check/parse.ts";
import { encryptedPlaces } from "../../../src/config/encrypted.ts";
import { ConfigError } from "../../../src/config/problem.ts";
import { documentsOf } from "./documents.ts";
import { canaries, mutated, randomNumbers, type Raw, soundConfigurations } from "./mutations.ts";

/** Mutations of each sound configuration, always the same ones; FUZZ_ROUNDS: another number. */
const rounds = Number(process.env["FUZZ_ROUNDS"] ?? 120);
/** What is wrong with what happens to a configuration; undefined when nothing is. */
function fault(raw: Raw): string | undefined {
  let config: ReturnType<typeof parseConfig>;
  try {
    config = parseConfig(raw);
  } catch (error) {
    return error instanceof ConfigError
      ? faultOfMessage(error.message, secretsOf(raw))
      : `not a mistake: ${String(error)}`;
  }
  try {
    return faultOfDocuments(config);
  } catch (error) {
    return error instanceof ConfigError
      ? faultOfMessage(error.message, secretsOf(raw))
      : `accepted, then: ${String(error)}`;
  }
}

/** What must not be shown: a text is a secret as long as it stands where the secret does. */
function secretsOf(raw: Raw): readonly string[] {
  const there = [["secret"], ...encryptedPlaces]
    .map((place) => at(raw, place))
    .filter((text) => typeof text === "string");
  const { secret, webhook, password } = canaries;
  return [
    ...[secret, webhook, password].filter((canary) => there.some((text) => text.includes(canary))),
    canaries.bareKey,
    "Y2FuYXJ5",
  ];
}

function faultOfMessage(message: string, secrets: readonly string[]): string | undefined {
  const lines = message.split("\n");
  const faults: readonly (readonly [string, boolean])[] = [
    ["a word of the language", /\bundefined\b|\bNaN\b|\[object|Infinity|\bat .*\.ts:/.test(message)],
    ["a secret", secrets.some((secret) => message.includes(secret))],
    ["a line that is too long", lines.some((line) => line.length > 600)],
    ["too many lines", lines.length > 22],
    [
      "a line that is none of ours",
      !lines.slice(1).every((line) => /^ {2}- (kvm-mirror:|the stack's|and \d)/.test(line)),
    ],
    ["a character that nobody sees", /[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]/.test(message)],
  ];
  const found = faults.find(([, is]) => is);
  return found && `${found[0]}: ${message}`;
}

function faultOfDocuments(config: ReturnType<typeof parseConfig>): string | undefined {
  const { yaml, cib = "", others, drbd } = documentsOf(config);
  const ids = [...cib.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
  if (new Set(ids).size !== ids.length) return `ids twice in the CIB: ${ids.join(" ")}`;
  for (const text of yaml) {
    const { errors, warnings } = parseDocument(text, { version: "1.1" });
    if (errors.length + warnings.length > 0 || !/^[\n\x20-\x7e]*$/.test(text)) return `YAML: ${text}`;
  }
  return [...others, drbd].some((text) => /\bundefined\b|\bNaN\b|\[object/.test(text))
    ? "a word of the language"
    : undefined;
}

describe("whatever a stack file says", () => {
  it.each(soundConfigurations().map((raw, index) => ({ raw, index })))(
    "it is refused with a message, or accepted with all that follows (configuration $index)",
    ({ raw, index }) => {
      expect(fault(raw)).toBeUndefined();
      expect(parseConfig(raw).hosts).not.toEqual({});
      const random = randomNumbers(index + 1);
      for (let round = 0; round < rounds; round++) {
        const changed = mutated(raw, random);
        const found = fault(changed);
        if (found !== undefined) expect.fail(`round ${round}: ${found}\n${JSON.stringify(changed)}`);
      }
    },
    60_000 + 200 * rounds,
  );

  it("some of the mutations are accepted, others refused", () => {
    const [raw] = soundConfigurations();
    if (!raw) throw new Error("there is a sound configuration");
    const random = randomNumbers(7);
    const outcomes = Array.from({ length: 200 }, () => {
      try {
        parseConfig(mutated(raw, random));
        return "accepted";
      } catch {
        return "refused";
      }
    });
    expect(outcomes.filter((outcome) => outcome === "accepted").length).toBeGreaterThan(10);
    expect(outcomes.filter((outcome) => outcome === "refused").length).toBeGreaterThan(50);
  });
});
