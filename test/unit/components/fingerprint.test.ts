import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fingerprint } from "../../../src/components/fingerprint.ts";

describe("the fingerprint of a directory", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "fingerprint-"));
    mkdirSync(join(directory, "lib"));
    writeFileSync(join(directory, "a.sh"), "one");
    writeFileSync(join(directory, "lib", "b.sh"), "two");
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it("does not depend on where the directory is", () => {
    const before = fingerprint(directory);
    const moved = `${directory}-moved`;
    renameSync(directory, moved);
    expect(fingerprint(moved)).toBe(before);
    renameSync(moved, directory);
  });

  it("changes with a content, a name, and a byte moved from one file to the next", () => {
    const seen = new Set([fingerprint(directory)]);
    writeFileSync(join(directory, "a.sh"), "onet");
    writeFileSync(join(directory, "lib", "b.sh"), "wo");
    seen.add(fingerprint(directory));
    renameSync(join(directory, "a.sh"), join(directory, "c.sh"));
    seen.add(fingerprint(directory));
    expect(seen.size).toBe(3);
  });
});
