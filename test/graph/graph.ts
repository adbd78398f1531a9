import { fileURLToPath } from "node:url";
import { beforeAll, beforeEach, vi } from "vitest";
import { type Recorded, record, stackConfig } from "./record.ts";

export const root = fileURLToPath(new URL("../../", import.meta.url));

/** The resources of a stack file, with other values for some of its keys (JSON), some of which are encrypted there. */
export async function graph(
  stack: string,
  changes: Record<string, string> = {},
  encrypted: readonly string[] = [],
): Promise<Recorded[]> {
  vi.resetModules();
  return record(
    stack,
    { ...stackConfig(`${root}stacks/Pulumi.${stack}.yaml`), ...changes },
    async () => (await import("../../src/main.ts")).inventory,
    encrypted,
  );
}

/** The program runs in its own directory, as under Pulumi, with the home directory of these tests. */
export function inProgramsPlace(): void {
  beforeAll(() => {
    process.env.HOME = fileURLToPath(new URL("./home", import.meta.url));
  });
  beforeEach(() => {
    process.chdir(`${root}src`);
    return () => process.chdir(root);
  });
}
