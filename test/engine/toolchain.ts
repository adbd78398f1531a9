/** The environment in which the real pulumi runs, as toolchain/env.sh makes it. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));

/** Installs the toolchain where it is missing: minutes on a machine that has never built it. */
export function toolchainEnvironment(overrides: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const script = '. "$1/toolchain/env.sh" && env -0';
  const output = execFileSync("bash", ["-euo", "pipefail", "-c", script, "bash", REPOSITORY], {
    env: { ...process.env, ...overrides },
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 16 * 1024 * 1024,
  });
  const pairs = output
    .toString("utf8")
    .split("\0")
    .filter((line) => line.includes("="));
  return Object.fromEntries(pairs.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}
