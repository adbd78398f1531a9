/** Throw-away Pulumi projects on the real engine, with a local backend. Scripts and KVM hosts are played. */
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { follow, type Used } from "./processes.ts";
import { passphrase } from "./site.ts";

/** What one run of pulumi took. */
export interface Run {
  /** Of the clock. */
  readonly seconds: number;
  /** Of processors, pulumi's and those of all its children. */
  readonly cpu: number;
  /** The same by the role of a process, as far as it was seen: `pulumi`, `program`, a plugin's name. */
  readonly by: Used;
}

export interface Resource {
  readonly type: string;
}

export class Project {
  readonly directory: string;
  readonly stack: string;
  private readonly env: NodeJS.ProcessEnv;

  private constructor(repository: string, stack: string) {
    this.stack = stack;
    this.directory = mkdtempSync(join(tmpdir(), "kvm-mirror-scale-"));
    for (const name of ["state", "stacks"]) mkdirSync(join(this.directory, name));
    for (const name of ["node_modules", "toolchain", "cloud-init"])
      symlinkSync(join(repository, name), join(this.directory, name));
    this.env = {
      ...process.env,
      PULUMI_BACKEND_URL: `file://${join(this.directory, "state")}?metadata=skip`,
      PULUMI_CONFIG_PASSPHRASE: passphrase,
    };
  }

  /** A program that registers nothing; `up` has been run. */
  static async empty(repository: string): Promise<Project> {
    const project = new Project(repository, "empty");
    mkdirSync(join(project.directory, "src"));
    project.write("package.json", '{"type": "module"}\n');
    project.write(
      "src/main.ts",
      'import * as pulumi from "@pulumi/pulumi";\nexport const stack: string = pulumi.getStack();\n',
    );
    project.write("Pulumi.yaml", settings(""));
    await project.run("stack", "init", project.stack);
    await project.run("up", "--yes", "--skip-preview");
    return project;
  }

  /** The program with a stack file; `up` has been run. */
  static async of(repository: string, stack: string, stackFile: string): Promise<Project> {
    const project = new Project(repository, stack);
    cpSync(join(repository, "src"), join(project.directory, "src"), { recursive: true });
    cpSync(join(repository, "package.json"), join(project.directory, "package.json"));
    symlinkSync(join(repository, "plugins"), join(project.directory, "plugins"));
    for (const name of ["operator", "guest", "host"])
      cpSync(join(repository, "scripts", name), join(project.directory, "scripts", name), { recursive: true });
    // Whatever a script of the operator's machine is to do, it is so already. fence-allow.sh says a host key.
    for (const file of readdirSync(join(project.directory, "scripts/operator"), { withFileTypes: true }))
      if (file.isFile()) project.write(`scripts/operator/${file.name}`, "cat >/dev/null\necho ssh-ed25519 AAAA\n");
    project.write(`stacks/Pulumi.${stack}.yaml`, stackFile);
    project.write(
      "Pulumi.yaml",
      settings(
        "plugins:\n  providers:\n" +
          `    - {name: libvirt, path: ${join(repository, "bench/scale/libvirt")}}\n` +
          `    - {name: cloudinit, path: ${join(repository, "plugins/cloudinit")}}\n`,
      ),
    );
    await project.run("stack", "init", stack);
    await project.run("up", "--yes", "--skip-preview");
    return project;
  }

  /** @throws with its output, when it fails */
  async run(...args: string[]): Promise<Run & { readonly stdout: string }> {
    const begun = process.hrtime.bigint();
    const child = spawn(
      "bash",
      // bash's own figures: of all children that were waited for, and of theirs.
      ["-c", 'TIMEFORMAT="cpu %U %S"; time pulumi "$@" 2>&1', "pulumi", ...args, "--non-interactive", "--color=never"],
      { cwd: this.directory, env: this.env, stdio: ["ignore", "pipe", "pipe"] },
    );
    const [stdout, stderr] = [text(child.stdout), text(child.stderr)];
    const used = follow(child.pid ?? 0);
    const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
    const by = used.end();
    const said = { stdout: await stdout, stderr: await stderr };
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} exited with ${code}:\n${said.stdout}${said.stderr}`);
    const [, user = "0", system = "0"] = /cpu ([\d.]+) ([\d.]+)/.exec(said.stderr) ?? [];
    return {
      stdout: said.stdout,
      seconds: Number(process.hrtime.bigint() - begun) / 1e9,
      cpu: Number(user) + Number(system),
      by,
    };
  }

  /** The stored state as it is on disk, and its resources. */
  state(): { readonly bytes: number; readonly resources: readonly Resource[] } {
    const file = readFileSync(join(this.directory, `state/.pulumi/stacks/kvm-mirror/${this.stack}.json`), "utf8");
    const { checkpoint } = JSON.parse(file) as { checkpoint: { latest: { resources?: readonly Resource[] } } };
    return { bytes: Buffer.byteLength(file), resources: checkpoint.latest.resources ?? [] };
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  private write(name: string, content: string): void {
    writeFileSync(join(this.directory, name), content);
  }
}

const settings = (more: string): string =>
  "name: kvm-mirror\nmain: src/main.ts\nstackConfigDir: stacks\nruntime:\n  name: nodejs\n  options:\n" +
  `    typescript: false\n    nodeargs: --require ../toolchain/nodeVersion.cjs\n${more}`;

async function text(stream: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString("utf8");
}
