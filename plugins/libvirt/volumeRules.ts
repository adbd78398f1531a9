/** What may not happen to a volume that exists. */
import type { CheckFailure } from "../serving/resource.ts";
import type { VolumeInputs } from "./volume.ts";

/** A volume never shrinks; a data disk (one that was not copied from an image) is never replaced. */
export function volumeRules(news: Partial<VolumeInputs>, olds: VolumeInputs | undefined): readonly CheckFailure[] {
  const failures: CheckFailure[] = [];
  if (news.preallocate && news.format === "qcow2")
    failures.push({ property: "preallocate", reason: "is for raw volumes; a qcow2 file takes space as it is written" });
  if (!olds) return failures;
  if (news.capacity !== undefined && news.capacity < olds.capacity) {
    failures.push({
      property: "capacity",
      reason:
        `volume ${olds.pool}/${olds.name} has ${olds.capacity} bytes and cannot shrink to ` +
        `${news.capacity}: a smaller file system needs a new volume and a copy`,
    });
  }
  if (news.generation !== undefined && news.generation < (olds.generation ?? 1)) {
    failures.push({
      property: "generation",
      reason:
        `data disk ${olds.pool}/${olds.name} is number ${olds.generation}: the ` +
        `number only counts up, never down to ${news.generation}`,
    });
  }
  if (olds.source === undefined) {
    for (const property of ["pool", "name", "format"] as const) {
      if (news[property] !== undefined && news[property] !== olds[property]) {
        failures.push({
          property,
          reason:
            `a data disk is never replaced: ${olds.pool}/${olds.name} (${olds.format}) has ${property} ` +
            `${olds[property]}, not ${news[property]}. Declare a new volume beside it and move the data`,
        });
      }
    }
    if (news.source !== undefined) {
      failures.push({
        property: "source",
        reason: `a data disk is never replaced: ${olds.pool}/${olds.name} exists without a source`,
      });
    }
  }
  return failures;
}
