import { readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { oneHost, changed, publicKey, sample } from "./sample.ts";

/** Raw configuration as parseConfig takes it. */
export type Raw = Record<string, unknown>;

/** Texts that no message may repeat. */
export const canaries = {
  secret: "7d1c52fa90b6e83447a1d90c62be5f38",
  privateKey: "-----BEGIN OPENSSH PRIVATE KEY-----\nY2FuYXJ5LWNhbmFyeS1jYW5hcnk\n-----END OPENSSH PRIVATE KEY-----",
  bareKey: "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2g",
  webhook: "https://chat.example.net/hooks/aW5jb21pbmc",
  password: "correct horse battery",
} as const;
const mail = { server: "mail.example.net", from: "a@example.net", to: ["b@example.net"], user: "mirrors" };

const stacks = new URL("../../../stacks/", import.meta.url);

/** Sound configurations: the sample in several forms, and the stacks of this repository. */
export function soundConfigurations(): readonly Raw[] {
  const automatic = { failover: { mode: "automatic" }, "hosts.kvm-a.fenceAddress": "10.30.0.2" };
  const qdevice = { mode: "automatic", qdevice: { address: "192.0.2.7", login: "vote@third.example.net:2222" } };
  const groups = { "groups.spare": { vip: "10.20.0.9", preferredMirror: "mirror-b" }, "volumes.r0.group": "main" };
  return [
    changed({}),
    changed(automatic),
    changed({ ...automatic, failover: qdevice }),
    changed(oneHost),
    changed({ "monitoring.notify": { webhook: canaries.webhook, mail: { ...mail, password: canaries.password } } }),
    changed({ ...automatic, ...groups, "volumes.r1.group": "spare" }),
    ...readdirSync(stacks).map((file) => {
      const { config } = parse(readFileSync(new URL(file, stacks), "utf8")) as { config: Raw };
      const plain = Object.entries(config).map(([key, value]) => [key.replace("kvm-mirror:", ""), value]);
      return { ...Object.fromEntries(plain), ssh: sample.ssh };
    }),
  ].map((raw) => ({ ...raw, secret: `stack-${canaries.secret}` }));
}

/** Numbers from 0 to 1, always the same for one seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const names = (
  "a b db db-clone db-start db-new vip exports marks os disk net on volume size global all resource minor minor-5 " +
  "default localhost mirror new-mirror mirror-a kvm-a kvm_b _kvm Prod.EU DB_1 a.b constructor __proto__ toString " +
  "hasOwnProperty with-r0 r0-with-r1 fence-a cluster elsewhere"
).split(" ");

const values: readonly unknown[] = [
  null,
  true,
  false,
  0,
  1,
  -1,
  1.5,
  2 ** 53,
  1e308,
  "",
  " ",
  "yes",
  "1",
  [],
  {},
  [[]],
  [null],
  { a: { b: 1 } },
  "x".repeat(500),
  "line\nline",
  "\u2028runcmd: [reboot]",
  "tab\there",
  "\x7f",
  "\x85",
  "é",
  "💾",
  "\ud800",
  "'; reboot; '",
  "$(reboot)",
  '"><x/>',
  "${a}",
  "-oProxyCommand=reboot",
  "../../etc",
  "::1",
  "127.0.0.1",
  "0.0.0.0",
  "10.20.0.10",
  "10.20.0.255",
  "10.30.0.2",
  "255.255.255.255",
  "10.20.0.0/24",
  "224.0.0.0/8",
  "fd00::/64",
  "10.0.0.0/8",
  "qemu:///system",
  "qemu+ssh://root@kvm-a.example.net:22/system",
  "qemu+ssh://KVM-A.example.net./system",
  "qemu+ssh://kvm_b/system?keyfile=/root/a+b",
  "qemu+ssh://root:hunter2@kvm-a/system",
  "500PiB",
  "2000TiB",
  "1000TiB",
  "16MiB",
  "100MB",
  "100",
  "1constructor",
  "C",
  "nbd",
  "iscsi",
  "automatic",
  "sdb",
  "vdi",
  "vdzz",
  "iqn.2026-11.net.example:r1",
  `iqn.2026-11.net.example:${"r".repeat(199)}`,
  `${publicKey}\u2028x`,
  "root",
  "http://10.30.0.1:99999",
  ...names,
  ...Object.values(canaries),
];

/** Values that may well be right where they stand, by key. */
const plausible: Readonly<Record<string, readonly unknown[]>> = {
  size: ["16MiB", "1GiB", "3TiB"],
  minor: [0, 1, 2, 77, 255],
  mtu: [1280, 1500, 9216],
  target: ["vdb", "vdi", "vdaa", "sdb", "sdzz"],
  protocol: ["nbd", "iscsi"],
  provisioning: ["thin", "full"],
  virtualization: ["kvm", "qemu", "auto"],
  name: ["a", "0", "A.b-c_d", "all", "default", "x".repeat(64)],
  iqn: ["iqn.1999-01.a:b", "iqn.2026-11.net.example", `iqn.2026-11.net.example:${"r".repeat(150)}`],
  nbd: [{}, { name: "one" }],
  user: ["a", "x_-", "operator2"],
  pool: ["a.b+c", "_pool"],
  memory: ["512MiB", "64GiB"],
  vcpus: [1, 255],
  mode: ["manual", "automatic"],
  tls: ["tls", "none"],
  uri: ["qemu+ssh://kvm_b/system?keyfile=/root/a+b%20c", "qemu+ssh://u.s-er@_kvm:65535/system"],
  fenceAddress: ["192.0.2.9"],
  aptProxy: ["https://proxy:1/"],
  vip: ["10.20.0.77"],
  nbdPort: [1024, 65535],
};

/** A copy with one to three changes. */
export function mutated(raw: Raw, random: () => number): Raw {
  const copy = structuredClone(raw);
  for (let changes = 1 + Math.floor(random() ** 2 * 3); changes > 0; changes--) mutate(copy, random);
  return copy;
}

type Place = readonly [container: Raw | unknown[], key: string | number];

function mutate(raw: Raw, random: () => number): void {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const places = placesOf(raw);
  const [container, key] = pick(places);
  const at = container as Record<string | number, unknown>;
  const [other, otherKey] = pick(places);
  const copied = structuredClone((other as Record<string | number, unknown>)[otherKey]);
  const likely = places.filter(([, one]) => Object.hasOwn(plausible, one));
  const probable = (): void => {
    const [where, what] = pick(likely);
    put(where, what, structuredClone(pick(plausible[what] ?? [])));
  };
  const actions: readonly (() => void)[] = [
    () => void (Array.isArray(container) ? container.splice(Number(key), 1) : delete at[key]),
    () => put(container, key, structuredClone(pick(values))),
    () => put(container, key, structuredClone(pick(values))),
    () => put(container, key, copied),
    () => put(container, Array.isArray(container) ? container.length : pick(names), copied),
    () => rename(container, key, pick(names)),
    () => rename(container, key, pick(names)),
    () => put(container, key, tweaked(at[key], random)),
  ];
  if (likely.length > 0 && random() < 0.3) probable();
  else pick(actions)();
}

/** As JSON would: also a key such as `__proto__` becomes one of its own. */
function put(container: Raw | unknown[], key: string | number, value: unknown): void {
  Object.defineProperty(container, key, { value, enumerable: true, configurable: true, writable: true });
}

function rename(container: Raw | unknown[], key: string | number, name: string): void {
  if (Array.isArray(container)) return;
  const value = container[key];
  delete container[key];
  put(container, name, value);
}

function tweaked(value: unknown, random: () => number): unknown {
  if (typeof value === "number") return Math.round(value * random() * 3) - 1;
  if (typeof value !== "string") return JSON.stringify(value);
  const at = Math.floor(random() * (value.length + 1));
  return value.slice(0, at) + String.fromCharCode(32 + Math.floor(random() * 95)) + value.slice(at + 1);
}

function placesOf(value: unknown): readonly Place[] {
  if (typeof value !== "object" || value === null) return [];
  const container = value as Raw | unknown[];
  const keys = Array.isArray(container) ? [...container.keys()] : Object.keys(container);
  return keys.flatMap((key) => [
    [container, key] as const,
    ...placesOf((container as Record<string | number, unknown>)[key]),
  ]);
}
