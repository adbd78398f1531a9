import type { Protocol } from "../../config/exports/protocols.ts";
import type { ClientDiskPlan } from "../../plan/clients/clients.ts";
import type { GroupPlan } from "../../plan/placement/groups.ts";
import type { VolumePlan } from "../../plan/replication/volumes.ts";
import type { GuestFile } from "../guestFile.ts";

/** What a KVM host runs, as `virsh version --daemon` says it. */
export interface HostVersions {
  /** Version of the libvirt daemon, for example `9.0.0`. */
  readonly libvirt: string;
  /** Version of QEMU, for example `7.2.22`. */
  readonly qemu: string;
}

/** Why a KVM host cannot give a disk: the key of the disk that can be changed, its value, and the way out. */
export interface Obstacle {
  readonly key: "protocol" | "target";
  readonly value: string;
  readonly text: string;
}

/** What text has to be written for volumes that are exported by one protocol: on mirrors, and on KVM hosts. */
export interface ExportProtocol<Name extends Protocol = Protocol> {
  /** As in the stack file, the plan and the table of exports; also the prefix of its variables in the env file. */
  readonly name: Name;
  /** What a client asks for at address and port; undefined: the volume is not exported by this protocol. */
  exportName(volume: VolumePlan): string | undefined;
  /**
   * The server's own files. Volumes and admissions in them are those of the table of exports, which is what the
   * scripts of a mirror read. @param volumes those that are exported by this protocol, at least one
   */
  serverFiles(group: GroupPlan, volumes: readonly VolumePlan[]): readonly GuestFile[];
  /** A client's disk on one KVM host, in the form that this host's libvirt and QEMU need. */
  disk(disk: ClientDiskPlan<Name>, host: string, versions: HostVersions): string;
  /** What keeps the host from giving that disk. */
  obstacle(disk: ClientDiskPlan<Name>, host: string, versions: HostVersions): Obstacle | undefined;
}

/** Addresses that may open a volume by a protocol, each once. */
export function admittedBy(protocol: Protocol, volume: VolumePlan): readonly string[] {
  const admissions = volume.admissions.filter((admission) => admission.protocol === protocol);
  return [...new Set(admissions.map(({ address }) => address))];
}
