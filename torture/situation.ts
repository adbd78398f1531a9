import { primaryOf } from "../harness/drbd.ts";
import type { Subject } from "../harness/subject.ts";
import type { System } from "../harness/system.ts";
import { mirrorNamed, otherMirror } from "../src/operate/stack/named.ts";

/** Who has which part at the moment of a kill. */
export interface Situation extends Subject {
  readonly primary: string;
  readonly standby: string;
  readonly primaryHost: string;
  readonly standbyHost: string;
}

/** @throws when no mirror is Primary. */
export async function situationOf(system: System, subject: Subject): Promise<Situation> {
  const primary = await primaryOf(system, subject.volume.name);
  if (primary === undefined) throw new Error(`no mirror says that it is Primary of ${subject.volume.name}`);
  const standby = otherMirror(system.inventory, primary);
  return {
    ...subject,
    primary,
    standby: standby.name,
    primaryHost: mirrorNamed(system.inventory, primary).host,
    standbyHost: standby.host,
  };
}
