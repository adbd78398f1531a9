import { block, text } from "../indent.ts";

/**
 * `/etc/drbd.d/global_common.conf`: what is the same for all volumes and decides
 * over speed alone; what decides over data is in each volume's
 * own file. Sources, beside `usage-count no`:
 * - al-extents 3389: hot area of 13 GiB without metadata writes; after a
 *   crash of the primary up to that much is synchronised again
 *   (User's Guide 8.4, "Tuning the activity log size").
 * - max-buffers, max-epoch-size 8000: User's Guide 8.4, "Optimizing DRBD throughput".
 * - c-fill-target 1M: three times the bandwidth-delay product of a 10 Gbit/s
 *   network; the default of 100 sectors is for slow lines
 *   (User's Guide 8.4, "Variable sync rate configuration").
 */
export function renderDrbdGlobal(): string {
  return text([
    ...block("global", ["usage-count no;"]),
    "",
    ...block("common", [
      ...block("disk", ["al-extents 3389;", "c-fill-target 1M;"]),
      ...block("net", ["max-buffers 8000;", "max-epoch-size 8000;"]),
    ]),
  ]);
}
