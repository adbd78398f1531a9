import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { shellWord } from "../plugins/serving/shell.ts";
import type { Inventory, InventorySsh } from "../src/inventory/inventory.ts";
import { clientNamed, hostNamed, mirrorNamed } from "../src/operate/stack/named.ts";
import { placeOf } from "./place.ts";
import { type SlowedTime, slowedTimeOf } from "./slowedTime.ts";
import { type Done, root, run, runBytes } from "./run.ts";

/** The stack that is driven: everything is done as the operator would, by ssh from the operator's place. */
export interface System {
  readonly inventory: Inventory;
  readonly time: SlowedTime;
  /**
   * Runs a shell command as root; the result's standard output. @throws when
   * it fails or takes longer than `seconds` (default 60).
   */
  onHost(host: string, command: string, seconds?: number): Promise<string>;
  onMirror(mirror: string, command: string, seconds?: number): Promise<string>;
  onClient(client: string, command: string, seconds?: number): Promise<string>;
  /** Bytes that a command writes on a mirror or a host. */
  bytesFrom(place: "host" | "mirror", name: string, command: string, seconds?: number): Promise<Buffer>;
  /** Runs a shell command where the operator is. @throws when it fails */
  onOperator(command: string, seconds?: number): Promise<string>;
  /** Command line of a program where the operator is, for one that goes on beside. */
  operatorLine(command: readonly string[]): readonly string[];
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
export function systemOf(
  inventory: Inventory,
  prefix: string | undefined,
  time: SlowedTime = slowedTimeOf(undefined),
): System {
  const place = placeOf(prefix);
  // Programs that go on beside (commandLine) share their connection with the
  // commands: a login costs an emulated guest seconds.
  const sockets = mkdtempSync(join(tmpdir(), "kvm-mirror-ssh-"));
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
  const rooted = (command: string): string => `sudo -n bash -c ${shellWord(command)}`;
  const targetOf = (kind: "host" | "mirror" | "client", name: string): readonly string[] => {
    const keepalive = ["-o", "ServerAliveInterval=15", "-o", `ServerAliveCountMax=${alive[kind]}`];
    if (kind === "host") return [...keepalive, hostTarget(hostNamed(inventory, name).uri)];
    const access = kind === "mirror" ? mirrorNamed(inventory, name).ssh : clientNamed(inventory, name).ssh;
    if (!access) throw new Error(`client ${name} was not made by the stack: nobody can log in there`);
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
    time,
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
    async onOperator(command, seconds = 60) {
      const done = await run([...place, "bash", "-c", command], seconds);
      if (done.status !== 0) throw new Error(`operator: ${brief(command)}: exit status ${done.status}: ${done.output}`);
      return done.stdout;
    },
    operatorLine: (command) => [...place, ...command],
    operate: (command, args, seconds) =>
      run([...place, `${root}bin/kvm-mirror`, command, ...args, "--stack", inventory.stack], seconds),
    async power(name, state) {
      if (prefix === undefined) throw new Error(`${name} is a real host: its power is not cut`);
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
      if (prefix === undefined) throw new Error(`${name} is a real host: its cables are not cut`);
      const { status, output } = await run([...place, "ip", "link", "set", `cable-${letterOf(name)}`, state], 30);
      if (status !== 0) throw new Error(`the management cable of ${name}, ${state}: ${output.trim()}`);
    },
    commandLine: (kind, name, command) => ssh(targetOf(kind, name), rooted(command), "auto"),
  };
}

/** `user@address` of a libvirt URI like qemu+ssh://root@host/system. @throws for one without ssh. */
export function hostTarget(uri: string): string {
  const match = /^qemu\+ssh:\/\/([^/]+)\//.exec(uri);
  if (!match?.[1]) throw new Error(`${uri}: hosts are reached by ssh alone`);
  return match[1];
}

/** A command as a message quotes it: its first line, and no more than 300 characters. */
const brief = (command: string): string =>
  /^.{0,300}$/.test(command) ? command : `${/^.{0,300}/.exec(command)?.[0]} …`;
