import type { z } from "zod";
import { keyPath, type Problem } from "../config/problem.ts";
import { at } from "./at.ts";
import { didYouMean, listed, nearest } from "./suggest.ts";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** What a schema knows about the places below it. */
export interface SchemaGuide {
  /** Keys of the block at a path. */
  readonly keys: (path: Path) => readonly string[];
  /** What a value is for. */
  readonly description: (path: Path) => string | undefined;
  /** The words of which a value is one; empty for other values. */
  readonly choices: (path: Path) => readonly string[];
  /** What a key of the block at a path is called now that had this name in an earlier version. */
  readonly renamed: (path: Path, name: string) => string | undefined;
}

/** The mistakes that a schema found in a value, in words. */
export function explain(issues: readonly Issue[], raw: unknown, path: Path, guide: SchemaGuide): Problem[] {
  const meant = misspelt(issues, guide);
  return issues.flatMap((issue) => {
    const key = keyPath(...path, ...issue.path);
    const value = at(raw, issue.path);
    if (issue.code === "unrecognized_keys") {
      const known = guide.keys(issue.path);
      return issue.keys.map((unknown) => {
        const now = guide.renamed(issue.path, unknown);
        const both = now !== undefined && at(raw, [...issue.path, now]) !== undefined;
        return {
          key: keyPath(...path, ...issue.path, unknown),
          text:
            now === undefined ? unknownKey(unknown, known) : `is called ${now} now: ${both ? "remove" : "rename"} it`,
        };
      });
    }
    // A key that was misspelt, or has its old name, has its message.
    if (value === undefined && meant.has(keyPath(...issue.path))) return [];
    if (value === undefined) return [{ key, text: isOwn(issue) ? issue.message : missing(guide, issue.path) }];
    return [{ key, value, text: wording(issue) }];
  });
}

/** Paths of keys that are missing because another one was written in their place. */
export function misspelt(issues: readonly Issue[], guide: SchemaGuide): ReadonlySet<string> {
  return new Set(
    issues.flatMap((issue) =>
      issue.code === "unrecognized_keys"
        ? issue.keys.flatMap((unknown) => {
            const near = guide.renamed(issue.path, unknown) ?? nearest(unknown, guide.keys(issue.path));
            return near === undefined ? [] : [keyPath(...issue.path, near)];
          })
        : [],
    ),
  );
}

export function unknownKey(name: string, known: readonly string[]): string {
  const hint = didYouMean(name, known);
  return `is no key${hint === "" ? `; known here: ${[...known].sort().join(", ")}` : hint}`;
}

function missing({ choices, description }: SchemaGuide, path: Path): string {
  const words = choices(path);
  if (words.length > 0) return `is missing; write ${listed(words, "or")}`;
  const meaning = description(path);
  return meaning === undefined ? "is missing" : `is missing: ${meaning}`;
}

/** Zod's own messages begin with a capital letter, the ones of our schemas do not. */
function isOwn(issue: Issue): boolean {
  return /^[a-z]/.test(issue.message);
}

function wording(issue: Issue): string {
  if (isOwn(issue)) return issue.message;
  if (issue.code === "invalid_value") return `is not offered; use ${listed(issue.values.map(String), "or")}`;
  if (issue.code === "invalid_type") return `is not what belongs here; write ${expected(issue.expected)}`;
  return issue.message;
}

function expected(type: string): string {
  const words: Readonly<Record<string, string>> = {
    object: "a block of keys",
    record: "a block of keys",
    array: "a list",
    string: "a text",
    boolean: "true or false",
    number: "a number",
    int: "a whole number",
  };
  return words[type] ?? type;
}
