import { dataDiskBytes } from "../../plan/backing/drbdMetadata.ts";
import type { ConfigDraft } from "./rule.ts";
import { leftOut } from "../draft.ts";
import { keyPath, type Problem } from "../../config/problem.ts";
import { formatSize, GiB, KiB, readableSize } from "../../config/sizes.ts";
import { eachRepeated, entries, unknownName } from "./entries.ts";

export function* someVolumes({ volumes }: ConfigDraft): Generator<Problem> {
  if (Object.keys(volumes).length === 0)
    yield { key: keyPath("volumes"), text: "names no volume; there is nothing to replicate: add one" };
}

export function* volumeGroups({ volumes, groups }: ConfigDraft): Generator<Problem> {
  const several = Object.keys(groups).length > 1;
  for (const [name, volume] of entries(volumes)) {
    const key = keyPath("volumes", name, "group");
    yield* unknownName("group", volume.group, groups, key);
    if (several && leftOut(volume, "group"))
      yield {
        key,
        text: `is missing: with several groups each volume names its own (${Object.keys(groups).join(", ")})`,
      };
  }
}

/** The minor is the volume's device and port: with several volumes none may get it by its place in the file. */
export function* volumeMinors({ volumes }: ConfigDraft): Generator<Problem> {
  const all = entries(volumes);
  for (const [name, volume] of all) {
    if (leftOut(volume, "minor") && all.length > 1) {
      yield {
        key: keyPath("volumes", name, "minor"),
        text: "is missing: with several volumes each names its DRBD minor, which must never change afterwards",
      };
    }
  }
  yield* eachRepeated(
    all,
    ([, { minor }]) => minor,
    ([name, { minor }], [first]) => ({
      key: keyPath("volumes", name, "minor"),
      value: minor,
      text: `is the minor of volume ${first} already; device and port follow from it: give each volume its own`,
    }),
  );
}

export function* volumeNewDisks({ volumes, mirrors }: ConfigDraft): Generator<Problem> {
  for (const [name, { newDisks = {} }] of entries(volumes)) {
    for (const mirror of Object.keys(newDisks))
      yield* unknownName("mirror", mirror, mirrors, keyPath("volumes", name, "newDisks"));
  }
}

export function* volumeFitsDisk({ volumes }: ConfigDraft): Generator<Problem> {
  for (const [name, { size, disk }] of entries(volumes)) {
    if (size === undefined || disk === undefined) continue;
    const needed = dataDiskBytes(size);
    if (disk < needed) {
      const text =
        `is too small for a volume of ${formatSize(size)} and DRBD's metadata; ` +
        `write at least ${formatSize(needed)}, or leave it out`;
      yield { key: keyPath("volumes", name, "disk"), value: formatSize(disk), text };
    }
  }
}

/** DRBD 8.4 holds a bitmap in memory, one bit for 4 KiB; the rest of the mirror needs as much. */
export function* bitmapsFitMemory({ volumes, machine }: ConfigDraft): Generator<Problem> {
  const { memory } = machine;
  const sizes = Object.values(volumes).map(({ size }) => size);
  if (memory === undefined || sizes.includes(undefined)) return;
  const bitmaps = sizes.reduce<number>((sum, size = 0) => sum + Math.ceil(size / (8 * 4 * KiB)), 0);
  if (bitmaps <= memory / 2) return;
  yield {
    key: keyPath("machine", "memory"),
    value: formatSize(memory),
    text:
      `is too small: DRBD's bitmaps of the volumes alone take ${readableSize(bitmaps)} of it; ` +
      `use at least ${formatSize(Math.ceil((2 * bitmaps) / GiB) * GiB)}, or smaller volumes`,
  };
}
