import { exportsOf } from "../../../plan/exports/exports.ts";
import type { GroupPlan } from "../../../plan/placement/groups.ts";
import type { VolumePlan } from "../../../plan/replication/volumes.ts";
import { word } from "../../quoting.ts";
import { admittedBy } from "../exportProtocol.ts";

/** Path of the list of addresses that may open a volume by NBD. */
export function nbdAdmissionPath(group: GroupPlan, volume: VolumePlan): string {
  return `/etc/nbd-server/kvm-mirror-${group.name}-${volume.name}.allow`;
}

/**
 * Requests of one connection that are worked on at the same time; nbd-server's own default is 4. Each write waits for
 * its sync, so with 32 writes on their way 16 do twice as much (docs/measured, What could serve a volume).
 */
const requestsAtOnce = 16;

/**
 * `nbd-server(5)` configuration of a group. Write-through: `sync` calls fsync
 * after every write, so that an answered write is on both mirrors'
 * disks; `flush` and `fua` let clients ask for it as well. `trim` stays off:
 * nbd-server only logs its errors. The devices are root:disk.
 */
export function renderNbdConfig(group: GroupPlan, volumes: readonly VolumePlan[]): string {
  const { vip, ports } = exportsOf(group);
  const lines = [
    "[generic]",
    "user = nbd",
    "group = disk",
    `listenaddr = ${word(vip, "VIP")}`,
    `port = ${ports.nbd}`,
    "allowlist = false",
    `max_threads = ${requestsAtOnce}`,
  ];
  for (const volume of volumes) {
    const { nbd } = volume.exports;
    if (!nbd) continue;
    lines.push(
      "",
      `[${word(nbd.name, "export")}]`,
      `exportname = ${word(volume.device, "device")}`,
      `authfile = ${word(nbdAdmissionPath(group, volume), "path")}`,
      "readonly = false",
      "sync = true",
      "flush = true",
      "fua = true",
      "trim = false",
    );
  }
  return `${lines.join("\n")}\n`;
}

/**
 * Addresses that may open a volume, one a line. An empty list admits nobody. nbd-server reads it at each connection.
 */
export function renderNbdAdmissions(volume: VolumePlan): string {
  return admittedBy("nbd", volume)
    .map((address) => `${word(address, "address")}\n`)
    .join("");
}
