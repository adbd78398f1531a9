import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach } from "vitest";

/**
 * Paths in a directory that is new for each test of a file, for programs that
 * use O_DIRECT: not in /tmp, where a tmpfs would have none.
 */
export function directDirectory(): (name?: string) => string {
  let directory: string;
  beforeEach(
    () => void (directory = mkdtempSync(join(fileURLToPath(new URL("../../../", import.meta.url)), ".torture-"))),
  );
  afterEach(() => rmSync(directory, { recursive: true }));
  return (name = "") => join(directory, name);
}
