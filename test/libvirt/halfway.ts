/** Stops a tool of the host half-way through its work, at a known point, to see what an interruption leaves. */
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { until } from "./testHost.ts";
import type { TestHost } from "./testHost.ts";

export interface Halfway {
  /** Until the tool has written half of its output and stands. */
  reached(): Promise<void>;
  /** The tool works as ever again. */
  end(): void;
}

/**
 * Puts a script in front of `tool` inside the host's mounts only. Called with `word` among
 * its arguments it writes a part of the output (its argument that ends in
 * .partial) and waits for ever; else it is the tool.
 */
export function standHalfway(host: TestHost, tool: string, word: string): Halfway {
  const path = host.run("bash", "-c", `command -v ${tool}`).trim();
  const [real, front, reached] = [`/tmp/real-${tool}`, `/tmp/front-${tool}`, "/tmp/halfway"];
  const outside = (file: string) => file.replace(/^\/tmp/, host.tmpDir);
  host.run("cp", "--dereference", path, real);
  writeFileSync(
    outside(front),
    `#!/usr/bin/env bash
for argument; do
  [[ $argument = *.partial ]] && output=$argument
  [[ $argument = ${word} ]] && stand=yes
done
if [[ -v output && -v stand ]]; then
  head -c 1000000 /dev/urandom >"$output"
  touch ${reached}
  exec sleep infinity
fi
exec ${real} "$@"
`,
    { mode: 0o755 },
  );
  host.run("mount", "--bind", front, path);
  return {
    reached: async () => {
      await until(`${tool} half-way`, () => existsSync(outside(reached)));
    },
    end() {
      host.run("umount", path);
      for (const file of [front, real, reached]) rmSync(outside(file), { force: true });
    },
  };
}
