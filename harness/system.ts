import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Inventory, InventorySsh } from "../src/inventory.ts";
import { clientNamed, hostNamed, mirrorNamed } from "../src/operate/stack/named.ts";

const root = fileURLToPath(new URL("../", import.meta.url));

export interface Done {
  readonly status: number;
  readonly stdout: string;
  /** Standard output and standard error in the order of their arrival. */
  readonly output: string;
}

/** Where torture happens: everything is done as the operator would, by ssh from the operator's place. */
export interface System {
  readonly inventory: Inventory;
  /**
   * Runs a shell command as root; the result's standard output. @throws when
   * it fails or takes longer than `seconds` (default 60).
   */
  onHost(host: string, command: string, seconds?: number): Promise<string>;
  onMirror(mirror: string, command: string, seconds?: number): Promise<string>;
  onClient(client: string, command: string, seconds?: number): Promise<string>;
  /** Bytes that a command writes on a mirror or a host. */
  bytesFrom(place: "host" | "mirror", name: string, command: string, seconds?: number): Promise<Buffer>;
  /** One of the operator's commands (kvm-mirror), with the stack's name added. */
  operate(command: string, args: readonly string[], seconds: number): Promise<Done>;
  /**
   * A simulated KVM host loses its power, or gets it back, and starts what
   * starts at boot. @throws for hosts that are not simulated.
   */
  power(host: string, state: "off" | "on"): Promise<void>;
  /**
   * The operator's cable to a simulated KVM host, by which its mirror is
   * reached as well. @throws for hosts that are not simulated.
   */
  managementCable(host: string, state: "down" | "up"): Promise<void>;
  /** Command line that runs a shell command in a guest, for programs that go on beside. */
  commandLine(place: "mirror" | "client", name: string, command: string): readonly string[];
}

/**
 * The simulated hosts of this machine whose namespaces begin with `prefix`,
 * or, without one, whatever the operator's ssh reaches.
 */
export function systemOf(inventory: Inventory, prefix: string | undefined): System {
  const place = prefix === undefined ? [] : ["bash", `${root}lab/operator.sh`, "--prefix", prefix];
  // Programs that go on beside (commandLine) share their connection with the
  // commands: a login costs an emulated guest seconds.
  const sockets = mkdtempSync(join(tmpdir(), "torture-ssh-"));
  process.on("exit", () => rmSync(sockets, { recursive: true, force: true }));
  const ssh = (target: readonly string[], command: string, shared: "auto" | "no" = "no"): readonly string[] => [
    ...place,
    "ssh",
    "-o",
    "BatchMode=yes",
    "-o",
    "ConnectTimeout=10",
    "-o",
    "LogLevel=ERROR",
    "-o",
    `ControlMaster=${shared}`,
    "-o",
    `ControlPath=${sockets}/%C`,
    ...target,
    command,
  ];
  // A mirror that says nothing for a minute is gone; a client may be paused
  // for minutes, with the writer in it, and comes back.
  const alive = { host: 4, mirror: 4, client: 20 };
  const guest = ({ target, hostKey }: InventorySsh): readonly string[] => [
    "-o",
    "UserKnownHostsFile=/dev/null",
    "-o",
    "GlobalKnownHostsFile=/dev/null",
    "-o",
    "StrictHostKeyChecking=yes",
    "-o",
    `KnownHostsCommand=/bin/echo %H ${hostKey}`,
    target,
  ];
  const rooted = (command: string): string => `sudo -n bash -c ${quote(command)}`;
  const targetOf = (kind: "host" | "mirror" | "client", name: string): readonly string[] => {
    const keepalive = ["-o", "ServerAliveInterval=15", "-o", `ServerAliveCountMax=${alive[kind]}`];
    if (kind === "host") return [...keepalive, hostTarget(hostNamed(inventory, name).uri)];
    const access = kind === "mirror" ? mirrorNamed(inventory, name).ssh : clientNamed(inventory, name).ssh;
    if (!access) throw new Error(`client ${name} was not made by the stack: torture cannot log in there`);
    return [...keepalive, ...guest(access)];
  };
  const text = async (
    kind: "host" | "mirror" | "client",
    name: string,
    command: string,
    seconds = 60,
  ): Promise<string> => {
    const done = await run(ssh(targetOf(kind, name), kind === "host" ? command : rooted(command)), seconds);
    if (done.status !== 0)
      throw new Error(`${name}: ${brief(command)}: exit status ${done.status}: ${done.output.trim()}`);
    return done.stdout;
  };
  const letterOf = (name: string): string => {
    const { uri } = hostNamed(inventory, name);
    const letter = { "10.30.0.2": "a", "10.30.0.3": "b" }[hostTarget(uri).replace(/^.*@/, "")];
    if (letter === undefined) throw new Error(`${uri} is none of the simulated hosts`);
    return letter;
  };
  return {
    inventory,
    onHost: (host, command, seconds) => text("host", host, command, seconds),
    onMirror: (mirror, command, seconds) => text("mirror", mirror, command, seconds),
    onClient: (client, command, seconds) => text("client", client, command, seconds),
    async bytesFrom(kind, name, command, seconds = 120) {
      // Text of the program on the way would be taken for data: standard output alone, byte by byte.
      const done = await runBytes(ssh(targetOf(kind, name), kind === "host" ? command : rooted(command)), seconds);
      if (done.status !== 0)
        throw new Error(`${name}: ${brief(command)}: exit status ${done.status}: ${done.stderr.trim()}`);
      return done.stdout;
    },
    operate: (command, args, seconds) =>
      run([...place, `${root}bin/kvm-mirror`, command, ...args, "--stack", inventory.stack], seconds),
    async power(name, state) {
      if (prefix === undefined) throw new Error(`${name} is a real host: torture does not cut its power`);
      const letter = letterOf(name);
      const { status, output } = await run(
        [
          "bash",
          `${root}lab/hosts.sh`,
          ...(state === "off" ? ["kill", "--host", letter] : ["restart"]),
          "--prefix",
          prefix,
        ],
        120,
      );
      if (status !== 0) throw new Error(`turning ${name} ${state}: ${output.trim()}`);
    },
    async managementCable(name, state) {
      if (prefix === undefined) throw new Error(`${name} is a real host: torture does not cut its cables`);
      const { status, output } = await run([...place, "ip", "link", "set", `cable-${letterOf(name)}`, state], 30);
      if (status !== 0) throw new Error(`the management cable of ${name}, ${state}: ${output.trim()}`);
    },
    commandLine: (kind, name, command) => ssh(targetOf(kind, name), rooted(command), "auto"),
  };
}

/** `user@address` of a libvirt URI like qemu+ssh://root@host/system. @throws for one without ssh. */
export function hostTarget(uri: string): string {
  const match = /^qemu\+ssh:\/\/([^/]+)\//.exec(uri);
  if (!match?.[1]) throw new Error(`${uri}: torture reaches hosts by ssh alone`);
  return match[1];
}

/** A command as a message quotes it: its first line, and no more than 300 characters. */
const brief = (command: string): string =>
  /^.{0,300}$/.test(command) ? command : `${/^.{0,300}/.exec(command)?.[0]} …`;

/** One word for a shell. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

export async function run(command: readonly string[], seconds: number): Promise<Done> {
  const { status, stdout, output } = await runBytes(command, seconds);
  return { status, stdout: stdout.toString("utf8"), output };
}

/** Runs a program to its end; after `seconds` it is ended, and its status is 124. */
function runBytes(
  command: readonly string[],
  seconds: number,
): Promise<{ status: number; stdout: Buffer; stderr: string; output: string }> {
  return new Promise((resolve, reject) => {
    const [program = "", ...args] = command;
    const child = spawn(program, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], detached: true });
    const stdout: Buffer[] = [];
    let [stderr, output, late] = ["", "", false];
    const timer = setTimeout(() => {
      late = true;
      child.kill("SIGKILL");
      // Others may hold their other ends: an ssh that shares its connection,
      // for as long as it takes that one to be given up.
      child.stdout.destroy();
      child.stderr.destroy();
    }, seconds * 1000);
    child.stdout.on("data", (bytes: Buffer) => {
      stdout.push(bytes);
      if (output.length < 100_000) output += bytes.toString("utf8");
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      output += text;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(timer);
      if (late) output += `\nended after ${seconds} s without an answer`;
      resolve({
        status: late ? 124 : (code ?? 128),
        stdout: Buffer.concat(stdout),
        stderr: late ? `no answer within ${seconds} s` : stderr,
        output,
      });
    });
  });
}
