import type { Context } from "../../../bench/context.ts";
import { type Options, parseOptions } from "../../../bench/options.ts";
import { slowedTimeOf } from "../../../harness/slowedTime.ts";
import type { System } from "../../../harness/system.ts";
import type { Inventory } from "../../../src/inventory/inventory.ts";

/** What a command finds, by what is in it; the first that fits. An Error is thrown. */
export type Answers = readonly (readonly [part: string | RegExp, answer: string | Error | (() => string)])[];

export interface PlayedStack {
  readonly context: Context;
  /** `PLACE: COMMAND`, in their order; `KVM-HOST: SCRIPT ARGUMENT…` for scripts. */
  readonly commands: string[];
  readonly said: string[];
}

/** fio's report of a load that did something, as far as it is read. */
export const fioReport = JSON.stringify({
  jobs: [
    {
      error: 0,
      ...Object.fromEntries(
        ["read", "write"].map((direction) => [
          direction,
          { bw_bytes: 4e6, iops: 1000, total_ios: 5000, lat_ns: { mean: 1e6 }, clat_ns: { mean: 1e6 } },
        ]),
      ),
      sync: { total_ios: 5000, lat_ns: { mean: 1e6 } },
    },
  ],
});

const drbd = (role: string, connection = "Connected"): string =>
  [0, 3, 4]
    .map((minor) => ` ${minor}: cs:${connection} ro:${role}/Unknown ds:UpToDate/UpToDate C r-----\n    oos:0\n`)
    .join("");

const usual: Answers = [
  ["command -v fio", "/usr/bin/fio\n"],
  [/^(mirror-a): cat \/proc\/drbd/, drbd("Primary")],
  [/: cat \/proc\/drbd/, drbd("Secondary")],
  ["mark=", "empty\n"],
  ["virsh dumpxml", "<domain type='qemu'\nQEMU 7.2.22\n2\nEPYC\n"],
  ["exec fio", fioReport],
];

/** A stack whose machines answer as they are told to; what is not known is answered with nothing. */
export function playedStack(
  line: string,
  { answers = [], change = {} }: { answers?: Answers; change?: Partial<Inventory> } = {},
): PlayedStack {
  const [commands, said]: [string[], string[]] = [[], []];
  const answer = async (place: string, command: string): Promise<string> => {
    const whole = `${place}: ${command}`;
    commands.push(whole);
    const found = [...answers, ...usual].find(([part]) =>
      typeof part === "string" ? whole.includes(part) : part.test(whole),
    )?.[1];
    if (found instanceof Error) throw found;
    return typeof found === "function" ? found() : (found ?? "");
  };
  const options: Options = parseOptions(line.split(" ").filter(Boolean), new Date(1_763_712_000_000));
  const system = {
    inventory: { ...inventory, ...change },
    time: slowedTimeOf(undefined),
    onHost: answer,
    onMirror: answer,
    onClient: answer,
    commandLine: () => ["cat"],
  } as unknown as System;
  const context: Context = {
    system,
    options,
    hostScript: (host, _, script, ...args) => answer(host, [script, ...args].join(" ")),
    say: (words) => void said.push(words),
    wanted: () => true,
  };
  return { context, commands, said };
}

/** What ends everything that layers, servers and alternatives made: initiators before their targets. */
export const takenAway: readonly string[] = [
  "mirror-a: down",
  "mirror-b: down",
  "mirror-a: log_out",
  "mirror-b: log_out",
  "mirror-a: stop",
  "mirror-b: stop",
  "mirror-a: off",
  "mirror-b: off",
  "kvm-a: bench-disks.sh off 60 mirror-a keep-running",
  "kvm-b: bench-disks.sh off 60 mirror-b keep-running",
];

/** Commands without those that only look, and fio's shortened to what it does on what. */
export function changes(commands: readonly string[]): readonly string[] {
  return commands
    .map((command) => /^\S+: set -- .*/.exec(command)?.[0] ?? command) // a script: by what it is called with
    .filter(
      (command) =>
        !/command -v|mark=|kill -INT|\/proc\/drbd$|: true$|virsh dumpxml|drop_caches|: set -- lacks/.test(command),
    )
    .map((command) => {
      const [, place, target, name] =
        /^(\S+): .*?(?:serial=(\S+) '\$2|disk=(?=\/)(\S+);|--uri=(\S+)).*?--name=(\S+)/s
          .exec(command)
          ?.filter((part) => part !== undefined) ?? [];
      if (name !== undefined) return `${place}: fio ${name} on ${target}`;
      if (command.includes(": set -- ")) return command.replace("set -- ", "");
      return command.includes("wipefs")
        ? command.replace(/: .*(?:serial=(\S+) '|disk=(\/\S+);).*/s, ": mark $1$2")
        : command;
    });
}

const ssh = (name: string) => ({ target: `storage@${name}`, hostKey: "ssh-ed25519 AAAA" });
const volume = (name: string, minor: number) => ({
  name,
  size: 256 * 2 ** 20,
  device: `/dev/drbd${minor}`,
  group: name === "scratch" ? "scratch" : "main",
  preferredMirror: "mirror-a",
  replication: { protocol: "C", resyncRate: "300M" },
});

export const inventory = {
  version: 2,
  stack: "lab-bench",
  failover: { mode: "manual" },
  hosts: ["a", "b"].map((letter, index) => ({
    name: `kvm-${letter}`,
    uri: `qemu+ssh://root@10.30.0.${index + 2}/system`,
    address: "",
    storageAddress: `10.20.0.${index + 2}`,
  })),
  mirrors: ["a", "b"].map((letter, index) => ({
    name: `mirror-${letter}`,
    host: `kvm-${letter}`,
    replicationAddress: `10.10.0.${index + 11}`,
    storageAddress: `10.20.0.${index + 11}`,
    managementAddress: `10.30.0.${index + 11}`,
    role: index === 0 ? "primary" : "secondary",
    ssh: ssh(`mirror-${letter}`),
  })),
  groups: [],
  volumes: [volume("nbd-virtio", 0), volume("iscsi-sata", 3), volume("scratch", 4)],
  exports: [
    { volume: "nbd-virtio", protocol: "nbd", address: "10.20.0.10", port: 10_809, name: "nbd-virtio" },
    { volume: "iscsi-sata", protocol: "iscsi", address: "10.20.0.10", port: 3260, iqn: "iqn", lun: 1 },
  ],
  clients: [
    {
      name: "app-1",
      host: "kvm-a",
      hosts: ["kvm-a", "kvm-b"],
      managed: true,
      ssh: ssh("app-1"),
      disks: [
        { volume: "nbd-virtio", protocol: "nbd", target: "vdb", bus: "virtio", serial: "nbd-virtio" },
        { volume: "iscsi-sata", protocol: "iscsi", target: "sdc", bus: "sata", serial: "iscsi-sata" },
      ],
    },
  ],
} as unknown as Inventory;
