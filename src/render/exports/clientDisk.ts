import type { Protocol } from "../../config/exports/protocols.ts";
import { ConfigError, keyPath } from "../../config/problem.ts";
import type { ClientDiskPlan } from "../../plan/clients/clients.ts";
import type { HostVersions, Obstacle } from "./exportProtocol.ts";
import { protocolNamed } from "./protocols.ts";

/** Where a disk stands in the stack file, `kvm-mirror:clients.<name>.disks[<index>]`. */
export type DiskKey = readonly ["clients", string, "disks", number];

/**
 * A client's disk on one KVM host, in the form that this host's libvirt and
 * QEMU need for it to ride through the loss of a mirror.
 */
export function renderClientDisk<Name extends Protocol>(
  disk: ClientDiskPlan<Name>,
  host: string,
  versions: HostVersions,
): string {
  return protocolNamed(disk.protocol).disk(disk, host, versions);
}

/**
 * The same, for the program: what a host cannot give is a mistake of the stack file, and named there.
 * @throws ConfigError
 */
export function renderDiskOf<Name extends Protocol>(
  key: DiskKey,
  disk: ClientDiskPlan<Name>,
  host: string,
  versions: HostVersions,
): string {
  const obstacle = obstacleOf(disk, host, versions);
  if (obstacle !== undefined) {
    const { value, text } = obstacle;
    throw new ConfigError([{ key: keyPath(...key, obstacle.key), value, text }]);
  }
  return renderClientDisk(disk, host, versions);
}

/** What keeps a host from giving a client's disk. */
export function obstacleOf<Name extends Protocol>(
  disk: ClientDiskPlan<Name>,
  host: string,
  versions: HostVersions,
): Obstacle | undefined {
  return protocolNamed(disk.protocol).obstacle(disk, host, versions);
}
