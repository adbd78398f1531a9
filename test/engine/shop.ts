/** The examples of docs/components.md on the real engine, beside a clone whose mirrors and KVM hosts are played. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Project } from "./project.ts";
import { REPOSITORY } from "./toolchain.ts";

/** The example in a language: what stands in the first block of it. */
export function example(language: "yaml" | "ts"): string {
  const text = readFileSync(join(REPOSITORY, "docs/components.md"), "utf8");
  const [, block] = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "ms").exec(text) ?? [];
  if (block === undefined) throw new Error(`docs/components.md has no example in ${language}`);
  return block;
}

/** Puts a clone beside the program. Whatever is asked of mirrors and KVM hosts, it is so already. */
export function cloneBeside(project: Project): void {
  const clone = join(project.directory, "kvm-mirror");
  for (const name of ["src", "plugins", "scripts", "bin"])
    cpSync(join(REPOSITORY, name), join(clone, name), { recursive: true, verbatimSymlinks: true });
  for (const name of ["toolchain", "cloud-init"]) symlinkSync(join(REPOSITORY, name), join(clone, name));
  // Packages are found in the project. npm, which `pulumi package add` runs here, has none to install.
  const {
    dependencies: _,
    devDependencies: __,
    ...manifest
  } = JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8")) as Record<string, unknown>;
  writeFileSync(join(clone, "package.json"), JSON.stringify(manifest));
  const scripts = join(clone, "scripts/operator");
  for (const file of readdirSync(scripts, { withFileTypes: true }))
    if (file.isFile()) writeFileSync(join(scripts, file.name), "cat >/dev/null\necho ssh-ed25519 AAAA\n");
  cpSync(join(REPOSITORY, "tsconfig.json"), join(clone, "tsconfig.json"));
  // As npm would have it for a program in TypeScript.
  const packages = join(project.directory, "node_modules");
  rmSync(packages);
  mkdirSync(packages);
  for (const name of readdirSync(join(REPOSITORY, "node_modules")))
    symlinkSync(join(REPOSITORY, "node_modules", name), join(packages, name));
  symlinkSync(clone, join(packages, "kvm-mirror"));
  const played = join(REPOSITORY, "bench/scale/libvirt/main.ts");
  writeFileSync(join(clone, "plugins/libvirt/pulumi-resource-libvirt"), `#!/bin/sh\nexec node ${played} "$@"\n`);
}

/** Has the project's Pulumi run programs in YAML. Minutes on a machine that has never built the language host. */
export function withYaml(project: Project): void {
  const host = execFileSync("bash", [join(REPOSITORY, "toolchain/go-tool.sh"), "pulumi-language-yaml"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  }).trim();
  const link = join(project.directory, "home/plugins/language-yaml-v1.38.0/pulumi-language-yaml");
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(host, link);
}

/** Other words for this project's Pulumi.yaml. */
export function writeProject(project: Project, text: string): void {
  writeFileSync(join(project.directory, "Pulumi.yaml"), text);
}
