import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const repository = resolve(import.meta.dirname, "../..");
const columns = 120;

/** Which lines of a text (from 0) need not keep to the columns. */
type Exempt = (path: string, text: string) => ReadonlySet<number>;

const textOf = (path: string): string => readFileSync(join(repository, path), "utf8");
const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

interface Kind {
  readonly has: (path: string) => boolean;
  readonly exempt: Exempt;
}

/** Kinds of files that keep to the columns, and the lines of each that need not. */
const kinds: Readonly<Record<string, Kind>> = {
  TypeScript: { has: (path) => path.endsWith(".ts"), exempt: withinTemplates },
  "shell script": { has: isShell, exempt: () => new Set() },
  "systemd unit": {
    has: (path) => /\.(?:service|timer)(?:\.d\/[^/]+\.conf)?$/.test(path),
    exempt: () => new Set(),
  },
};

/** By its name, or by its first line where the name has no extension: as test/shell-scripts.sh knows them. */
function isShell(path: string): boolean {
  return path.endsWith(".sh") || (!nameOf(path).includes(".") && /^#!.*\b(?:ba|da)?sh\b/.test(textOf(path)));
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

/** All files of the repository, also those that are not committed yet. */
const files = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
  cwd: repository,
  encoding: "utf8",
})
  .split("\0")
  .filter((path) => path !== "" && existsSync(join(repository, path)));

describe.each(Object.entries(kinds))("each %s", (_, { has, exempt }) => {
  it(`has no line of more than ${columns} columns`, () => {
    const those = files.filter(has);
    expect(those.length).toBeGreaterThan(0);
    expect(those.flatMap((path) => longLines(path, textOf(path), exempt))).toEqual([]);
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
