/** A throw-away Pulumi project on the real engine, with its own state and PULUMI_HOME. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { REPOSITORY, toolchainEnvironment } from "./toolchain.ts";

export interface Result {
  readonly code: number | null;
  /** stdout and stderr in the order in which they came. */
  readonly output: string;
  readonly stdout: string;
}

export interface Step {
  readonly op: string;
  readonly urn: string;
  readonly detailedDiff?: Readonly<Record<string, { readonly kind: string }>> | null;
  readonly newState?: { readonly inputs?: object; readonly outputs?: Readonly<Record<string, unknown>> };
}

interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

export class Project {
  readonly directory: string;
  /** For what programs and providers write. */
  readonly data: string;
  /** In which pulumi runs here. */
  readonly env: NodeJS.ProcessEnv;

  private constructor() {
    this.directory = mkdtempSync(join(tmpdir(), "kvm-mirror-engine-"));
    this.data = join(this.directory, "data");
    for (const name of ["src", "state", "data", "home"]) mkdirSync(join(this.directory, name));
    this.env = {
      ...toolchainEnvironment({ PULUMI_HOME: join(this.directory, "home") }),
      // No sidecar files of attributes: Pulumi does not write them atomically, and tests here kill it.
      PULUMI_BACKEND_URL: `file://${join(this.directory, "state")}?metadata=skip`,
      PULUMI_CONFIG_PASSPHRASE: "for tests only",
    };
    const plugin = (name: string, path: string): string => `    - {name: ${name}, path: ${join(REPOSITORY, path)}}\n`;
    const plugins = plugin("cloudinit", "plugins/cloudinit") + plugin("example", "test/engine/example");
    writeFileSync(
      join(this.directory, "Pulumi.yaml"),
      "name: engine\nmain: src/main.ts\nruntime: {name: nodejs, options: " +
        `{typescript: false}}\nplugins:\n  providers:\n${plugins}`,
    );
    writeFileSync(join(this.directory, "package.json"), '{"type": "module"}\n');
    symlinkSync(join(REPOSITORY, "node_modules"), join(this.directory, "node_modules"));
    symlinkSync(join(REPOSITORY, "test/engine/example/sdk.ts"), join(this.directory, "src/example.ts"));
  }

  static async create(): Promise<Project> {
    const project = new Project();
    project.program("");
    await project.succeed("stack", "init", "test");
    return project;
  }

  /** Replaces the program. `pulumi`, `command`, `cloudinit`, `example` and `data` are there for it. */
  program(body: string): void {
    const imports = ["@pulumi/pulumi", "@pulumi/command", "@pulumi/cloudinit"]
      .map((name) => `import * as ${name.split("/")[1]} from "${name}";\n`)
      .join("");
    const example = `import * as example from ${JSON.stringify(join(REPOSITORY, "test/engine/example/sdk.ts"))};\n`;
    writeFileSync(
      join(this.directory, "src/main.ts"),
      `${imports}${example}const data = ${JSON.stringify(this.data)};\n${body}\n`,
    );
  }

  /** Starts pulumi without waiting for it. */
  start(...args: string[]): { readonly pid: number; readonly done: Promise<Result> } {
    const child = spawn("pulumi", [...args, "--non-interactive", "--color", "never"], {
      cwd: this.directory,
      env: this.env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const stdout: Buffer[] = [];
    const output: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => {
      stdout.push(chunk);
      output.push(chunk);
    });
    child.stderr.on("data", (chunk: Buffer) => output.push(chunk));
    const done = new Promise<Result>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) =>
        resolve({
          code,
          stdout: Buffer.concat(stdout).toString("utf8"),
          output: Buffer.concat(output).toString("utf8"),
        }),
      );
    });
    return { pid: child.pid ?? 0, done };
  }

  /**
   * Runs pulumi to its end. Throws when a plugin did not end as the engine expects, which alone does not fail a run.
   */
  async run(...args: string[]): Promise<Result> {
    const result = await this.start(...args).done;
    if (result.output.includes("exited prematurely"))
      throw new Error(`pulumi ${args.join(" ")}: a plugin did not end well:\n${result.output}`);
    return result;
  }

  /** Runs pulumi; throws with its output when it fails. */
  async succeed(...args: string[]): Promise<Result> {
    const result = await this.run(...args);
    if (result.code !== 0) throw new Error(`pulumi ${args.join(" ")} exited with ${result.code}:\n${result.output}`);
    return result;
  }

  /** Runs pulumi, which must fail, and gives its output. */
  async fail(...args: string[]): Promise<string> {
    const result = await this.run(...args);
    if (result.code === 0) throw new Error(`pulumi ${args.join(" ")} was expected to fail:\n${result.output}`);
    return result.output;
  }

  /** The steps of a preview, by the resource's name; those that change nothing are left out. */
  async preview(...args: string[]): Promise<Map<string, Step>> {
    const { stdout } = await this.succeed("preview", "--json", ...args);
    const steps = (JSON.parse(stdout) as { steps: Step[] }).steps.filter(({ op }) => op !== "same" && op !== "read");
    return new Map(steps.map((step) => [step.urn.split("::").at(-1) ?? "", step]));
  }

  /** The resources in the state, secrets in plain text, by name; without the stack and the default providers. */
  async state(): Promise<Map<string, StateResource>> {
    const { stdout } = await this.succeed("stack", "export", "--show-secrets");
    const resources =
      (JSON.parse(stdout) as { deployment: { resources?: StateResource[] } }).deployment.resources ?? [];
    return new Map(
      resources
        .filter(({ type }) => !type.startsWith("pulumi:"))
        .map((resource) => [resource.urn.split("::").at(-1) ?? "", resource]),
    );
  }

  /** Everything that the backend has stored, history and backups included, as one text. */
  stored(): string {
    const root = join(this.directory, "state");
    const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    return files.map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8")).join("\n");
  }

  /** Destroys what is left and removes the directory. */
  async dispose(): Promise<void> {
    await this.succeed("destroy", "--yes", "--skip-preview");
    rmSync(this.directory, { recursive: true });
  }
}

/** Waits until `condition` holds; throws after the deadline, naming what was waited for. */
export async function eventually(what: string, condition: () => boolean, deadlineMs = 30_000): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`${what}: not within ${deadlineMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
