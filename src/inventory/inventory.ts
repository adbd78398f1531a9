import type { SharedBacking } from "../config/backing/backing.ts";
import type { Protocol } from "../config/exports/protocols.ts";
import type { DiskFacts } from "./exports/exportEntry.ts";
import type { InventoryExport } from "./exports/protocols.ts";

export interface InventoryHost {
  readonly name: string;
  /** libvirt URI. */
  readonly uri: string;
  readonly address: string;
  /** Address in the storage network, from which its QEMU connects. */
  readonly storageAddress: string;
}

export interface InventoryMirror {
  readonly name: string;
  readonly host: string;
  readonly replicationAddress: string;
  readonly storageAddress: string;
  readonly managementAddress: string;
  /** Role that the configuration prefers, by volume group; the present one is shown by `status`. */
  readonly role: "primary" | "secondary" | "mixed";
  readonly ssh: InventorySsh;
}

export interface InventorySsh {
  /** `user@address`. */
  readonly target: string;
  /** Pinned public host key, `ssh-ed25519 AAAA…`. */
  readonly hostKey: string;
}

export interface InventoryVolume {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly device: string;
  readonly group: string;
  /** A part of a disk of each mirror that volumes share; missing: a data disk of its own on each mirror. */
  readonly backing?: SharedBacking;
  /** Mirror on which the configuration would have it Primary; where it is, is shown by `status`. */
  readonly preferredMirror: string;
  readonly replication: { readonly protocol: "C"; readonly resyncRate: string };
}

export interface InventoryClientDisk extends DiskFacts {
  readonly volume: string;
  readonly protocol: Protocol;
  readonly target: string;
  readonly bus: "virtio" | "sata";
  /** Serial that the guest sees. */
  readonly serial: string;
}

export interface InventoryClient {
  readonly name: string;
  /** KVM host on which it runs. */
  readonly host: string;
  /** Hosts on which it is defined. */
  readonly hosts: readonly string[];
  /** Whether this stack made the machine, or only its disks are attached. */
  readonly managed: boolean;
  /** Management address; missing for a domain of the VM team. */
  readonly managementAddress?: string;
  readonly disks: readonly InventoryClientDisk[];
  readonly ssh?: InventorySsh;
}

/** `operationTimeout`: seconds that one step of the cluster may take. */
export type InventoryFailover =
  | { readonly mode: "manual" }
  | { readonly mode: "automatic"; readonly operationTimeout: number };

/** The stack's one output: what there is, where, and how to reach it. Every tool reads this and nothing else. */
export interface Inventory {
  readonly version: 2;
  readonly stack: string;
  /** `<project>/<stack>`, in whose name KVM hosts have what is made there; missing: of this repository's project. */
  readonly owner?: string;
  /** Who promotes another mirror when the primary is lost: an operator, or the cluster in the mirrors. */
  readonly failover: InventoryFailover;
  readonly hosts: readonly InventoryHost[];
  readonly mirrors: readonly InventoryMirror[];
  readonly groups: readonly {
    readonly name: string;
    /** Missing where nothing of it is exported. */
    readonly vip?: string;
    readonly preferredMirror: string;
    /** Client after which `up` moves it. */
    readonly follows?: string;
    readonly volumes: readonly string[];
  }[];
  readonly volumes: readonly InventoryVolume[];
  readonly exports: readonly InventoryExport[];
  readonly clients: readonly InventoryClient[];
}

/** The project of this repository's program. */
export const ownProject = "kvm-mirror";

/** In whose name KVM hosts have what is made there. */
export const ownerOf = ({ owner, stack }: Pick<Inventory, "owner" | "stack">): string =>
  owner ?? `${ownProject}/${stack}`;
