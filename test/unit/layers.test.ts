import { readdirSync, readFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const src = resolve(import.meta.dirname, "../../src");

/** Layers of src from the lowest up: a file imports from its own layer and those below (docs/architecture.md). */
const layers = [
  ["refused.ts", "config"],
  ["plan"],
  ["render", "inventory"],
  ["check", "components"],
  ["pair", "operate"],
];
/** The rooms of src/operate, likewise. */
const operateRooms = [
  ["begin"],
  ["stack"],
  ["remote"],
  ["observe"],
  ["history"],
  ["decide"],
  ["act", "tell"],
  ["commands"],
];

const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));

/** Files of src that a file imports, relative to src. */
function importsOf(file: string): readonly string[] {
  const text = readFileSync(resolve(src, file), "utf8");
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)]
    .map(([, path = ""]) => relative(src, resolve(src, dirname(file), path)))
    .filter((path) => !path.startsWith(".."));
}

const imports = new Map(files.map((file) => [file, importsOf(file)]));

/** Imports that lead to a layer above, or to another one of the same height. */
function upwards(order: readonly (readonly string[])[], below = ""): string[] {
  const roomOf = (file: string): string => file.slice(below.length).split("/")[0] ?? "";
  const height = (file: string): number => order.findIndex((rooms) => rooms.includes(roomOf(file)));
  return [...imports].flatMap(([file, found]) =>
    height(file) < 0 || !file.startsWith(below)
      ? []
      : found
          .filter((other) => other.startsWith(below) && roomOf(other) !== roomOf(file))
          .filter((other) => height(other) >= height(file) || height(other) < 0)
          .map((other) => `${file} imports ${other}`),
  );
}

/** Files that import themselves by way of others. */
function inCircles(): string[] {
  const reaches = (from: string, seen: Set<string>): Set<string> => {
    for (const next of imports.get(from) ?? [])
      if (!seen.has(next)) {
        seen.add(next);
        reaches(next, seen);
      }
    return seen;
  };
  return files.filter((file) => reaches(file, new Set()).has(file));
}

describe("imports", () => {
  it("are read of all files", () => {
    expect(files.length).toBeGreaterThan(150);
    expect(imports.get("check/parse.ts")).toContain("config/config.ts");
  });

  it("lead to layers below", () => {
    expect(upwards(layers)).toEqual([]);
  });

  it("lead to rooms below in src/operate", () => {
    expect(upwards(operateRooms, "operate/")).toEqual([]);
  });

  it("never lead in a circle", () => {
    expect(inCircles()).toEqual([]);
  });
});
