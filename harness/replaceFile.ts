import { renameSync, writeFileSync } from "node:fs";

/** Writes a file whole or not at all: who reads it meanwhile finds what it was before. */
export function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}
