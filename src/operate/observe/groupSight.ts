import type { Inventory } from "../../inventory/inventory.ts";
import type { Observation } from "./observe.ts";
import type { MirrorState } from "./states.ts";

/** A group as one mirror shows it. */
export interface GroupSight {
  readonly mirror: string;
  /** It has the VIP, or a volume of the group is Primary there. */
  readonly holds: boolean;
  readonly volumes: MirrorState["volumes"];
  /** SHA-256 of its files there, `none` where it has none; undefined where the mirror does not say. */
  readonly configuration?: string | undefined;
}

/** What the mirrors that answered say of a group, and why the others did not answer. */
export interface GroupView {
  readonly group: string;
  readonly sights: readonly GroupSight[];
  readonly unreachable: ReadonlyMap<string, string>;
}

export function viewGroup(inventory: Inventory, seen: Observation, group: string): GroupView {
  const sights: GroupSight[] = [];
  const unreachable = new Map<string, string>();
  const members = inventory.groups.find(({ name }) => name === group)?.volumes ?? [];
  for (const { name } of inventory.mirrors) {
    const found = seen.mirrors.get(name);
    if (!found || !("state" in found)) {
      unreachable.set(name, found?.unreachable ?? "it was not asked");
      continue;
    }
    const volumes = found.state.volumes.filter((volume) => members.includes(volume.name));
    const shown = found.state.groups.find((candidate) => candidate.name === group);
    const vip = shown?.vip === true;
    sights.push({
      mirror: name,
      holds: vip || volumes.some(({ role }) => role === "Primary"),
      volumes,
      configuration: shown ? shown.configuration : "none",
    });
  }
  return { group, sights, unreachable };
}

/** A volume's state in DRBD's words, for a message. */
export function volumeWords({
  name,
  connection,
  role,
  peerRole,
  disk,
  peerDisk,
  suspended,
}: MirrorState["volumes"][number]): string {
  return (
    `${name}: ${connection}, ${role}/${peerRole}, ` +
    `${disk}/${peerDisk}${suspended === true ? ", I/O suspended" : ""}`
  );
}
