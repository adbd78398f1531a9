import type { Inventory } from "../../inventory/inventory.ts";
import { heardAfterSign } from "../decide/elsewhere.ts";
import { type Evidence, timeOf } from "../observe/evidence.ts";
import { viewGroup } from "../observe/groupSight.ts";
import type { Observation } from "../observe/observe.ts";
import { hostNamed, mirrorNamed } from "../stack/named.ts";

/** Mirrors that somebody migrated away: no failover can see whether they are off. */
export function movedConcerns(inventory: Inventory, evidence: ReadonlyMap<string, Evidence>): string[] {
  return [...evidence].flatMap(([mirror, { domain, why = "virsh migrate" }]) => {
    if (domain !== "moved") return [];
    const { host } = mirrorNamed(inventory, mirror);
    const { uri } = hostNamed(inventory, host);
    return [
      `mirror ${mirror} was taken away from ${host} (${why}): nobody can turn it off there any more, so no ` +
        `failover from it is safe, and its disks on ${host} are old. Migrate it back, with its disks: on the KVM ` +
        `host where it runs, virsh migrate --live --persistent --undefinesource --copy-storage-all ${mirror} ` +
        uri,
    ];
  });
}

/** Mirrors that run at home and leave no sign of life there: `failover` would take them for moved. */
export function signConcerns(
  inventory: Inventory,
  seen: Observation,
  evidence: ReadonlyMap<string, Evidence>,
): string[] {
  const views = inventory.groups.map(({ name }) => viewGroup(inventory, seen, name));
  return [...evidence].flatMap(([mirror, known]) =>
    known.domain === "running" && known.alive !== undefined && heardAfterSign(known, mirror, views) !== undefined
      ? [
          `mirror ${mirror} left its last sign of life at ${timeOf(known.alive)}: its clock is slow, its marks disk ` +
            "fails, or kvm-mirror-watch-peer does not run there (journalctl -u kvm-mirror-watch-peer). A failover " +
            "from it would ask whether it was moved",
        ]
      : [],
  );
}
