import { ConfigError } from "../../../src/config/problem.ts";
import { parseConfig } from "../../../src/check/parse.ts";

export const publicKey =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBnbjsF3/p0VV4VWSlN5VYSQOH+nb0APiwAmpsNJTb/w operator@example.net";

/** A sound configuration of two hosts, two volumes, a client of ours and one of the VM team. */
export const sample = {
  secret: "3f8a1c5e9b07d264f1e83a5c7d90b246e85f13a7c9d02b64718e5fa3c6b09d42",
  hosts: {
    "kvm-a": { uri: "qemu+ssh://root@kvm-a.example.net/system", storageAddress: "10.20.0.2" },
    "kvm-b": {
      uri: "qemu+ssh://root@10.30.0.3:2222/system",
      storageAddress: "10.20.0.3",
      pool: "fast",
      virtualization: "auto",
    },
  },
  networks: {
    replication: { cidr: "10.10.0.0/24", bridge: "br-replication", mtu: 9000 },
    storage: { cidr: "10.20.0.0/24", bridge: "br-storage" },
    management: {
      cidr: "10.30.0.0/24",
      bridge: "br-management",
      gateway: "10.30.0.1",
      dns: ["10.30.0.1", "192.0.2.53"],
    },
  },
  ssh: { authorizedKeys: [publicKey] },
  packages: { aptProxy: "http://10.30.0.1:3142" },
  mirrors: {
    "mirror-a": { host: "kvm-a", replication: "10.10.0.11", storage: "10.20.0.11", management: "10.30.0.11" },
    "mirror-b": { host: "kvm-b", replication: "10.10.0.12", storage: "10.20.0.12", management: "10.30.0.12" },
  },
  groups: { main: { vip: "10.20.0.10", preferredMirror: "mirror-a" } },
  volumes: {
    r0: { size: "256MiB", minor: 0, exports: { nbd: {} } },
    r1: { size: "1GiB", minor: 1, exports: { nbd: { name: "spare" }, iscsi: { iqn: "iqn.2026-11.net.example:r1" } } },
  },
  clients: {
    "app-1": {
      active: "kvm-a",
      hosts: ["kvm-a", "kvm-b"],
      machine: { management: "10.30.0.21" },
      disks: [{ volume: "r0", protocol: "nbd" }],
    },
    "db-1": { active: "kvm-b", existing: true, disks: [{ volume: "r1", protocol: "iscsi", target: "sdc" }] },
  },
};

/** Values by path; `undefined` removes the key. */
export type Changes = Readonly<Record<string, unknown>>;

/** Both mirrors on one host, on networks without a bridge. */
export const oneHost: Changes = {
  allowSameHost: true,
  "mirrors.mirror-b.host": "kvm-a",
  "clients.app-1.hosts": undefined,
  "clients.db-1.active": "kvm-a",
  "networks.replication": { cidr: "10.10.0.0/24", isolated: true },
  "networks.storage": { cidr: "10.20.0.0/24", isolated: true },
  "networks.management": { cidr: "10.30.0.0/24", nat: true },
};

/** A second group, which exports nothing, with a volume of its own. */
export const bare: Changes = {
  "groups.bare": { preferredMirror: "mirror-b" },
  "volumes.r0.group": "main",
  "volumes.r1.group": "main",
  "volumes.r2": { size: "1GiB", minor: 2, group: "bare" },
};

/** The sample with changes: `{ "volumes.r0.size": "1GiB" }`. */
export function changed(changes: Changes): Record<string, unknown> {
  const raw = structuredClone(sample) as Record<string, unknown>;
  for (const [path, value] of Object.entries(changes)) {
    const steps = path.split(".");
    const last = steps.pop() ?? "";
    const parent = steps.reduce<Record<string, unknown>>(
      (object, step) => (object[step] ??= {}) as Record<string, unknown>,
      raw,
    );
    if (value === undefined) delete parent[last];
    else parent[last] = value;
  }
  return raw;
}

/** What is wrong with the sample after changes, one line a mistake. */
export function mistakes(changes: Changes): string {
  try {
    parseConfig(changed(changes));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message
      .split("\n")
      .slice(1)
      .map((line) => line.replace(/^ {2}- /, ""))
      .join("\n");
  }
  return "nothing";
}
