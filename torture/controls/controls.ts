import type { Protocol } from "../report/report.ts";
import { nbdNoSync, protocolA, tgtWriteCache } from "./caches.ts";
import type { Control } from "./control.ts";
import { oldHandler } from "./handler.ts";
import { ioError } from "./ioError.ts";
import { noFencing, staleForced } from "./stale.ts";

/**
 * One is missing: cache=unsafe on a mirror's data disk and the death of its host.
 * Simulated hosts share the page cache of the machine that they run on,
 * which does not die with them.
 */
export const controls: readonly Control[] = [
  nbdNoSync,
  tgtWriteCache,
  protocolA,
  staleForced,
  noFencing,
  ioError,
  oldHandler,
];

/** @throws when there is no such control, or it is not one for this protocol. */
export function controlNamed(name: string, protocol: Protocol): Control {
  const control = controls.find((candidate) => candidate.name === name);
  if (!control)
    throw new Error(`no control ${name}; there are ${controls.map((candidate) => candidate.name).join(", ")}`);
  if (!control.protocols.includes(protocol))
    throw new Error(`control ${name} is for ${control.protocols.join(" and ")}, not ${protocol}`);
  return control;
}
