/**
 * Everything that is decided before anything is touched: plain data, derived from the configuration alone.
 * Sizes are bytes unless the name says otherwise; addresses are IPv4 in dotted form.
 */

import type { BackingPlan, DataDiskPlan } from "./backing/backing.ts";
import type { FailoverPlan } from "./failover.ts";

export type NetworkRole = "replication" | "storage" | "management";
export const networkRoles: readonly NetworkRole[] = ["replication", "storage", "management"];

/** A network as one KVM host offers it to guests. */
export interface NetworkPlan {
  readonly role: NetworkRole;
  /** Name of the libvirt network, `<stack>-<role>`. */
  readonly name: string;
  /** Length of the network prefix, for example 24. */
  readonly prefix: number;
  /** Bytes; undefined leaves the default of the bridge. */
  readonly mtu?: number;
  /**
   * An existing bridge of the host, a network of its own without a way out (the
   * host itself may have an address in it), or one behind NAT.
   */
  readonly form:
    | { readonly kind: "bridge"; readonly bridge: string }
    | { readonly kind: "isolated"; readonly hostAddress?: string }
    | { readonly kind: "nat"; readonly hostAddress: string };
}

/** A disk image that guests' OS disks are copied from. */
export interface ImagePlan {
  /** Name of the volume in the pool. */
  readonly volumeName: string;
  /** https URL, or absolute path on the KVM host. */
  readonly source: string;
  /** `sha256:<hex>` or `sha256sums:<URL or path>`. */
  readonly checksum: string;
  readonly format: "qcow2" | "raw";
}

/** TCP keepalive of a KVM host: when, and how soon, a connection without an answer counts as dead. */
export interface KeepalivePlan {
  /** Seconds of silence before the first probe. */
  readonly idle: number;
  /** Seconds between probes. */
  readonly interval: number;
  /** Probes without an answer. */
  readonly probes: number;
}

export interface HostPlan {
  readonly name: string;
  /** libvirt URI, `qemu+ssh://root@host/system` or `qemu:///system`. */
  readonly uri: string;
  /** Host part of the URI, or `localhost`. */
  readonly address: string;
  readonly pool: string;
  /** Address of the KVM host in the storage network: what the mirrors see when QEMU connects. */
  readonly storageAddress: string;
  readonly virtualization: "kvm" | "qemu" | "auto";
  readonly networks: readonly NetworkPlan[];
  /** Images needed on this host. */
  readonly images: readonly ImagePlan[];
  /** TCP ports that ufw must let out, where it is active. */
  readonly firewallPorts: readonly number[];
  /** Undefined: the host's own settings stay. */
  readonly keepalive?: KeepalivePlan;
}

export interface NicPlan {
  readonly role: NetworkRole;
  /** Name of the libvirt network. */
  readonly network: string;
  /** Name inside the guest, for example `storage0`. */
  readonly interface: string;
  readonly mac: string;
  readonly address: string;
  readonly prefix: number;
  readonly mtu?: number;
  readonly gateway?: string;
  readonly dns: readonly string[];
}

/** A virtual machine that this program makes. */
export interface MachinePlan {
  /** Name of the domain and of the guest. */
  readonly name: string;
  readonly host: string;
  readonly uuid: string;
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly image: ImagePlan;
  readonly osDisk: { readonly volumeName: string; readonly bytes: number };
  readonly seedName: string;
  readonly nics: readonly NicPlan[];
  /** `user@address` in the management network. */
  readonly sshTarget: string;
  /** Public SSH host key, `ssh-ed25519 AAAA…`, pinned by every connection. */
  readonly hostKey: string;
}

/**
 * Where a mirror says that it goes on alone (scripts/guest/lib/marks.sh): a
 * volume in its own KVM host's pool, which the host reads.
 */
export type MarksDiskPlan = Omit<DataDiskPlan, "generation" | "leaves">;

export interface MirrorPlan extends MachinePlan {
  readonly replicationAddress: string;
  readonly storageAddress: string;
  readonly managementAddress: string;
  /** What is below DRBD, one for each volume. */
  readonly backings: readonly BackingPlan[];
  readonly marksDisk: MarksDiskPlan;
}

/** Where the exports of a group are. */
export interface ExportsPlan {
  readonly vip: string;
  readonly prefix: number;
  /** TCP ports on the VIP. */
  readonly nbdPort: number;
  readonly iscsiPort: number;
}

/** Volumes that have one primary and move as one. */
export interface GroupPlan {
  readonly name: string;
  /** Mirror on which the configuration would have it; where it is, is the operator's or the cluster's matter. */
  readonly preferred: string;
  readonly volumes: readonly string[];
  /** Undefined: nothing of it is exported. */
  readonly exports?: ExportsPlan;
}

export interface PreloadPlan {
  /** https URL, or absolute path on the mirror that has the first synchronisation. */
  readonly source: string;
  readonly checksum: string;
  readonly format: "qcow2" | "raw";
}

export interface NbdExportPlan {
  readonly name: string;
  readonly port: number;
}

export interface IscsiExportPlan {
  readonly iqn: string;
  readonly lun: number;
  readonly port: number;
  readonly scsiId: string;
  readonly scsiSn: string;
}

/** Who may open an export: the active host of the client that owns the disk, and nobody else. */
export interface AdmissionPlan {
  readonly client: string;
  readonly protocol: "nbd" | "iscsi";
  /** Storage address of the KVM host whose QEMU connects. */
  readonly address: string;
}

export interface VolumePlan {
  /** Name of the DRBD resource. */
  readonly name: string;
  /** Usable bytes of the replicated device. */
  readonly bytes: number;
  readonly group: string;
  readonly minor: number;
  /** `/dev/drbd<minor>`. */
  readonly device: string;
  /** TCP port of DRBD, 7788 + minor. */
  readonly port: number;
  /** Counted from 1: each has one first synchronisation. */
  readonly generation: number;
  readonly replication: ReplicationPlan;
  readonly preload?: PreloadPlan;
  readonly nbd?: NbdExportPlan;
  readonly iscsi?: IscsiExportPlan;
  readonly admissions: readonly AdmissionPlan[];
}

/** DRBD's settings, named and measured as in drbd.conf(5). */
export interface ReplicationPlan {
  readonly protocol: "C";
  /** KiB/s or with unit, for example `100M`. */
  readonly resyncRate: string;
  /** Seconds. */
  readonly wfcTimeout: number;
  /** Seconds. */
  readonly degrWfcTimeout: number;
  /** Whether `up` waits for the first sync to end. */
  readonly waitForFirstSync: boolean;
  /** Seconds that `up` waits for it at the most. */
  readonly firstSyncDeadline: number;
}

export interface ClientDiskPlan {
  readonly volume: string;
  readonly protocol: "nbd" | "iscsi";
  readonly address: string;
  readonly port: number;
  readonly bus: "virtio" | "sata";
  /** Target in the domain, for example `vdb` or `sda`. */
  readonly target: string;
  /** Serial shown to the guest: a stable id for the disk. */
  readonly serial: string;
  /** NBD: export name; iSCSI: `<IQN>/<LUN>`. */
  readonly sourceName: string;
  /** iSCSI only: initiator name by KVM host. */
  readonly initiators: Readonly<Record<string, string>>;
}

export interface ClientPlan {
  readonly name: string;
  /** Host on which it runs. */
  readonly active: string;
  /** All hosts that have it defined, the active one first. */
  readonly hosts: readonly string[];
  /** One machine a host; undefined: the domain belongs to the VM team and exists already. */
  readonly machines?: readonly MachinePlan[];
  readonly disks: readonly ClientDiskPlan[];
}

export interface Plan {
  /** Pulumi stack. */
  readonly stack: string;
  /** `<project>/<stack>`, written into everything that the libvirt provider makes. */
  readonly owner: string;
  readonly sshUser: string;
  readonly authorizedKeys: readonly string[];
  /** Proxy for the guests' package manager. */
  readonly aptProxy?: string;
  /** Seconds that `up` waits for a new machine to be ready. */
  readonly bootDeadline: number;
  /** Data disks are protected and retained. */
  readonly protectData: boolean;
  readonly hosts: readonly HostPlan[];
  readonly failover: FailoverPlan;
  readonly mirrors: readonly MirrorPlan[];
  readonly groups: readonly GroupPlan[];
  readonly volumes: readonly VolumePlan[];
  readonly clients: readonly ClientPlan[];
}
