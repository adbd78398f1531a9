import { GiB, readableSize } from "../../config/sizes.ts";
import type { Observation } from "../observe/observe.ts";

/** A pool with less than this is as good as full: logs and OS disks need some, too. */
const littleSpace = GiB;

/**
 * Storage pools that run full: the mirror on them then stops, with all that it
 * serves; both mirrors' pools fill at about the same time.
 */
export function poolConcerns({ hosts }: Pick<Observation, "hosts">): readonly string[] {
  return [...hosts].flatMap(([host, found]) =>
    "state" in found
      ? (found.state.pools ?? []).flatMap(({ name, free, promised }) =>
          poolConcern(`storage pool ${name} on ${host}`, free, promised),
        )
      : [],
  );
}

function poolConcern(pool: string, free: number, promised: number): readonly string[] {
  if (promised > free) {
    return [
      `${pool} has ${readableSize(free)} free, and disks in it may still grow by ` +
        `${readableSize(promised)}: when it is full, the mirror on it stops with all that it serves. ` +
        "Make room there, or give its data disks their space now (provisioning: full, docs/configuration.md)",
    ];
  }
  return free < littleSpace ? [`${pool} has only ${readableSize(free)} free: make room there`] : [];
}
