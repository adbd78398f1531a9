import type { Config } from "../config/config.ts";
import { keyPath } from "../config/problem.ts";
import { replicationSchema } from "../config/replication/replication.ts";

/**
 * What holds although the stack file says something else, one text each. DRBD cuts degr-wfc-timeout to wfc-timeout, and
 * says so where nobody hears it. Of the defaults the reference says it.
 */
export function notesOf({ volumes }: Pick<Config, "volumes">): readonly string[] {
  const defaults = replicationSchema.parse({});
  return Object.entries(volumes).flatMap(([name, { replication }]) => {
    const { wfcTimeout, degrWfcTimeout } = replication;
    const isDefault = wfcTimeout === defaults.wfcTimeout && degrWfcTimeout === defaults.degrWfcTimeout;
    if (isDefault || wfcTimeout === 0 || (degrWfcTimeout !== 0 && degrWfcTimeout <= wfcTimeout)) return [];
    const key = keyPath("volumes", name, "replication", "degrWfcTimeout");
    return [
      `${key} = ${degrWfcTimeout}: DRBD waits no longer than wfcTimeout, ${wfcTimeout} s; ` +
        "raise wfcTimeout, or lower this",
    ];
  });
}
