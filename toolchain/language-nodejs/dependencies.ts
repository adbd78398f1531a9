/** The project's npm packages: installing and listing them. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

export interface Dependency {
  readonly name: string;
  readonly version: string;
}

/** The nearest directory, upwards, that has a package.json. Throws when there is none. */
export function packageDirectory(from: string): string {
  for (let directory = from; ; directory = dirname(directory)) {
    if (existsSync(join(directory, "package.json"))) return directory;
    if (directory === dirname(directory)) throw new Error(`no package.json in ${from} or above it`);
  }
}

/** The direct dependencies with the versions that package.json asks for. */
export function dependenciesOf(directory: string): Dependency[] {
  const manifest = JSON.parse(readFileSync(join(packageDirectory(directory), "package.json"), "utf8")) as {
    dependencies?: Record<string, string>;
    devDependencies?: Record<string, string>;
  };
  const all = { ...manifest.dependencies, ...manifest.devDependencies };
  return Object.entries(all).map(([name, version]) => ({ name, version }));
}

/** `npm install` for the project; the output is handed on as it comes. Throws when npm fails. */
export async function installDependencies(directory: string, output: (chunk: Buffer) => void): Promise<void> {
  const child = spawn("npm", ["install", "--no-audit", "--no-fund"], {
    cwd: packageDirectory(directory),
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.on("data", output);
  child.stderr.on("data", output);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  if (code !== 0) throw new Error(`npm install failed in ${packageDirectory(directory)} with status ${code}`);
}
