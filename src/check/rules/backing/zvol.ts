import { keyPath, type Problem } from "../../../config/problem.ts";
import { formatSize, MiB } from "../../../config/sizes.ts";
import { diskForZvols, poolRoom, reservedBytes, zvolBytes } from "../../../plan/backing/zvol.ts";
import type { ConfigDraft } from "../rule.ts";
import { lyingOn } from "./shared.ts";

const wholeMiB = (bytes: number): string => `${Math.floor(bytes / MiB)}MiB`;

/** What ZFS keeps for itself is reckoned at its most, so that the mirrors find room for what was accepted here. */
export function* zvolsFit(draft: ConfigDraft): Generator<Problem> {
  const { zvol } = draft.backing;
  if (zvol?.size === undefined) return;
  const needed = lyingOn("zvol", draft).map(([, { size, disk }]) =>
    size === undefined ? undefined : reservedBytes(zvolBytes({ size, disk })),
  );
  if (needed.includes(undefined)) return;
  const sum = needed.reduce<number>((total, bytes = 0) => total + bytes, 0);
  const room = poolRoom(zvol.size);
  if (sum <= room) return;
  yield {
    key: keyPath("backing", "zvol", "size"),
    value: formatSize(zvol.size),
    text:
      `is too small: its pool has room for ${wholeMiB(room)} of zvols, and the ${needed.length} with ` +
      `backing zvol need ${wholeMiB(sum + MiB - 1)}, each with DRBD's and ZFS's metadata; write at least ` +
      `${formatSize(diskForZvols(sum))}, or make volumes smaller that are not made yet`,
  };
}
