import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

const repository = resolve(import.meta.dirname, "../..");
const most = 120;

/** Files below a folder, as paths of the repository. Of what begins with a dot, only CI's files are sources. */
function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const hidden = entry.name.startsWith(".") && ![".ci", ".github"].includes(entry.name);
    if (hidden || entry.name === "node_modules") return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(path);
    return entry.isFile() ? [relative(repository, path)] : [];
  });
}

const textOf = (file: string): string => readFileSync(join(repository, file), "utf8");
const baseName = (file: string): string => file.slice(file.lastIndexOf("/") + 1);

/** By its name, or by its first line where the name has no extension: as test/shell-scripts.sh knows them. */
const isShell = (file: string): boolean =>
  file.endsWith(".sh") || (!baseName(file).includes(".") && /^#!.*\b(?:ba|da)?sh\b/.test(textOf(file)));

const isUnit = (file: string): boolean => /\.(?:service|timer)(?:\.d\/[^/]+\.conf)?$/.test(file);

const files = filesBelow(repository);

test.each([
  ["shell script", files.filter(isShell)],
  ["systemd unit", files.filter(isUnit)],
])("no line of a %s is longer than 120 columns", (_, sources) => {
  expect(sources).not.toEqual([]);
  const long = sources.flatMap((file) =>
    textOf(file)
      .split("\n")
      .flatMap((line, index) => ([...line].length > most ? [`${file}:${index + 1} has ${[...line].length}`] : [])),
  );
  expect(long).toEqual([]);
});
