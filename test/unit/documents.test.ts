import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const repository = resolve(import.meta.dirname, "../..");

/** A path of the repository in running text; `<env>`, `*` and `…` stand for one of many. */
const pathInText =
  /(?<![\w./~-])(?:bench|bin|docs|harness|lab|plugins|scripts|simulator|src|stacks|test|torture)\/[\w./@<>*…-]+/g;

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    // Of what begins with a dot, only .github is documents and programs; a lab keeps its state in .lab.
    if (entry.name === "node_modules" || (entry.name.startsWith(".") && entry.name !== ".github")) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

interface Line {
  readonly number: number;
  readonly text: string;
  /** Whether it is within a block of code, fences included. */
  readonly code: boolean;
}

function linesOf(path: string): readonly Line[] {
  let code = false;
  return readFileSync(path, "utf8")
    .split("\n")
    .map((text, index) => {
      const fence = /^\s*```/.test(text);
      if (fence) code = !code;
      return { number: index + 1, text, code: code || fence };
    });
}

/** A heading's anchor as GitHub makes it. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");

/** Anchors of a document's headings; the second heading of the same text gets `-1`, and so on. */
function anchorsOf(path: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const { text, code } of linesOf(path)) {
    const heading = /^#{1,6} +(.*?)\s*$/.exec(text)?.[1];
    if (code || heading === undefined) continue;
    const first = anchor(heading);
    let name = first;
    for (let again = 1; anchors.has(name); again++) name = `${first}-${again}`;
    anchors.add(name);
  }
  return anchors;
}

/** Links of a document to files and headings of the repository, as written. */
function linksOf(path: string): readonly { readonly line: number; readonly target: string }[] {
  return linesOf(path)
    .filter(({ code }) => !code)
    .flatMap(({ number, text }) =>
      [...text.replaceAll(/`[^`]*`/g, "").matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => ({
        line: number,
        target,
      })),
    )
    .filter(({ target }) => !/^[a-z]+:/.test(target));
}

/** What is wrong with a link of a document; undefined when nothing is. */
function brokenLink(path: string, target: string): string | undefined {
  const [file = "", heading] = target.split("#");
  const there = file === "" ? path : resolve(dirname(path), file);
  if (!existsSync(there)) return "no such file";
  if (heading !== undefined && !anchorsOf(there).has(heading)) return "no such heading";
  return undefined;
}

const files = filesBelow(repository);
const documents = files.filter((path) => path.endsWith(".md"));
const name = (path: string): string => relative(repository, path);

describe("documents", () => {
  it("are found", () => {
    expect(documents.map(name)).toEqual(expect.arrayContaining(["README.md", "docs/runbooks/split-brain.md"]));
  });

  it("link to files and headings that are there", () => {
    const broken = documents.flatMap((path) =>
      linksOf(path).flatMap(({ line, target }) => {
        const why = brokenLink(path, target);
        return why === undefined ? [] : [`${name(path)}:${line}: ${target}: ${why}`];
      }),
    );
    expect(broken).toEqual([]);
  });

  it("name files that are there", () => {
    // The track record names tests of trees that are gone.
    const today = documents.filter((path) => name(path) !== "docs/track-record.md");
    const missing = today.flatMap((path) =>
      linesOf(path).flatMap(({ number, text }) =>
        [...text.matchAll(pathInText)]
          .map(([found]) => found.replace(/[./]+$/, ""))
          .filter((found) => !/[<>*…]/.test(found))
          .filter((found) => ![repository, dirname(path)].some((from) => existsSync(join(from, found))))
          .map((found) => `${name(path)}:${number}: ${found}`),
      ),
    );
    expect(missing).toEqual([]);
  });

  it("have lines of at most 120 columns, tables excepted", () => {
    // Generated, a paragraph a line (src/config/reference.ts).
    const written = documents.filter((path) => name(path) !== "docs/configuration.md");
    const long = written.flatMap((path) =>
      linesOf(path)
        .filter(({ text }) => !/^\s*\|/.test(text) && [...text].length > 120)
        .map(({ number, text }) => `${name(path)}:${number}: ${[...text].length} columns`),
    );
    expect(long).toEqual([]);
  });

  it("README.md has at most 90 lines", () => {
    expect(linesOf(join(repository, "README.md")).length - 1).toBeLessThanOrEqual(90);
  });
});

describe("programs", () => {
  it("name documents that are there", () => {
    const places = ["bench", "bin", "lab", "plugins", "scripts", "simulator", "src", "stacks", "torture"];
    const programs = files.filter(
      (path) => places.some((place) => name(path).startsWith(`${place}/`)) && /\.(ts|sh|py|js|yaml)$/.test(path),
    );
    const missing = programs.flatMap((path) =>
      [...readFileSync(path, "utf8").matchAll(/\bdocs\/[\w/-]+\.md\b/g)]
        .filter(([document]) => !existsSync(join(repository, document)))
        .map(([document]) => `${name(path)}: ${document}`),
    );
    expect(missing).toEqual([]);
  });
});
