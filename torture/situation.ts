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
    ...(await located(system, subject)),
    primary,
    standby: standby.name,
    primaryHost: mirrorNamed(system.inventory, primary).host,
    standbyHost: standby.host,
  };
}

/** With the KVM host where its client runs: that may have been migrated since the inventory was read. */
export async function located<Of extends Subject>(system: System, subject: Of): Promise<Of> {
  const { name, hosts } = subject.client;
  if (hosts.length === 1) return subject;
  const runsOn = async (host: string): Promise<boolean> => {
    try {
      return (await system.onHost(host, `virsh domstate ${name}`)).trim() === "running";
    } catch {
      return false; // a host that is off runs nothing
    }
  };
  const runs = await Promise.all(hosts.map(runsOn));
  const host = hosts[runs.indexOf(true)] ?? subject.client.host;
  return { ...subject, client: { ...subject.client, host } };
}
