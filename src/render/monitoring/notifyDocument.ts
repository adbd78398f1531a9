import type { Notify } from "../../config/monitoring/notify.ts";

/**
 * The document of scripts/guest/monitoring/notify-configure.sh: whom a mirror tells, and as whose. It holds secrets.
 * @param notify undefined: nobody is told, and there is no document
 */
export function renderNotify(stack: string, notify: Notify | undefined): string | undefined {
  return notify && `${JSON.stringify({ stack, ...notify }, undefined, 2)}\n`;
}
