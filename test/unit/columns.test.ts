import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const repository = resolve(import.meta.dirname, "../..");
const columns = 120;

/** Which lines of a text (from 0) need not keep to the columns. */
type Exempt = (path: string, text: string) => ReadonlySet<number>;

/** Kinds of files that keep to the columns, and the lines of each that need not. */
const kinds: Readonly<Record<string, Exempt>> = {
  ts: withinTemplates,
  sh: nowhere,
  service: nowhere,
  timer: nowhere,
};

/** Every line of a shell script or a unit keeps to the columns: a message is several words there. */
function nowhere(): ReadonlySet<number> {
  return new Set();
}

/**
 * Lines that begin within the text of a template literal: what a program says, or reads, word for word, as an inline
 * snapshot does. The line on which the literal begins is code.
 */
function withinTemplates(path: string, text: string): ReadonlySet<number> {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const lineOf = (position: number): number => source.getLineAndCharacterOfPosition(position).line;
  const exempt = new Set<number>();
  const visit = (node: ts.Node): void => {
    if (ts.isTemplateLiteralToken(node))
      for (let line = lineOf(node.getStart()) + 1; line <= lineOf(node.getEnd()); line++) exempt.add(line);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return exempt;
}

const longLines = (path: string, text: string, exempt: Exempt): readonly string[] => {
  const wide = text.split("\n").flatMap((line, index) => ([...line].length > columns ? [index] : []));
  if (wide.length === 0) return [];
  const free = exempt(path, text);
  return wide.filter((index) => !free.has(index)).map((index) => `${path}:${index + 1}`);
};

const listed = (...patterns: string[]): readonly string[] =>
  execFileSync("git", ["ls-files", "-z", ...patterns], { cwd: repository, encoding: "utf8" })
    .split("\0")
    .filter(Boolean);

/** A shell script without an extension is known by its first line, as test/shell-scripts.sh knows it. */
const isUnnamedScript = (path: string): boolean =>
  !path.slice(path.lastIndexOf("/")).includes(".") &&
  statSync(join(repository, path)).isFile() &&
  /^#!.*\b(?:ba|da)?sh\b/.test(readFileSync(join(repository, path), "utf8"));

const filesOf = (kind: string): readonly string[] => [
  ...listed(`*.${kind}`),
  ...(kind === "sh" ? listed().filter(isUnnamedScript) : []),
];

describe.each(Object.entries(kinds))("files named .%s", (kind, exempt) => {
  it(`have no line of more than ${columns} columns`, () => {
    const files = filesOf(kind);
    expect(files.length).toBeGreaterThan(0);
    expect(files.flatMap((path) => longLines(path, readFileSync(join(repository, path), "utf8"), exempt))).toEqual([]);
  });
});

describe("a line of TypeScript that is too long", () => {
  const long = "x".repeat(columns);
  const found = (text: string): readonly string[] => longLines("some.ts", text, withinTemplates);

  it.each([
    ["in code", `const one = 1;\nconst name = "${long}";\n`],
    ["in a comment", `const one = 1;\n// ${long}\n`],
    ["on which a template begins", `const one = 1;\nconst name = \`${long}\nmore\`;\n`],
    ["in a template of one line", `const one = 1;\nconst name = \`${long}\`;\n`],
    ["in a substitution", `const name = \`\${[\n"${long}",\n]}\`;\n`],
  ])("is found %s", (_, text) => expect(found(text)).toEqual(["some.ts:2"]));

  it.each([
    ["within a template", `const name = \`\n${long}1\n\`;\n`],
    ["that ends a template", `const name = \`\n${long}1\`;\n`],
    ["behind a substitution", `const name = \`\n\${1}\n${long}1\`;\n`],
  ])("may be %s", (_, text) => expect(found(text)).toEqual([]));
});
