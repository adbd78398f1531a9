import { volumeNamed } from "../src/operate/stack/named.ts";
import type { System } from "./system.ts";
import { until } from "./until.ts";

/** A volume as /proc/drbd of one mirror shows it. */
export interface DrbdState {
  readonly connection: string;
  readonly role: string;
  readonly disk: string;
  readonly peerDisk: string;
  /** KiB that are known to differ. */
  readonly outOfSync: number;
}

/** The state of a minor in /proc/drbd (8.4). @throws when it is not there. */
export function parseProcDrbd(text: string, minor: number): DrbdState {
  const part = new RegExp(`^ *${minor}: cs:(\\S+) ro:([^/ ]+)/\\S+ ds:([^/ ]+)/(\\S+) [^\\n]*\\n(.*)`, "m").exec(text);
  const outOfSync = /\boos:(\d+)/.exec(part?.[5] ?? "");
  if (!part || !outOfSync) throw new Error(`/proc/drbd says nothing of minor ${minor}: ${text.trim()}`);
  return {
    connection: part[1] as string,
    role: part[2] as string,
    disk: part[3] as string,
    peerDisk: part[4] as string,
    outOfSync: Number(outOfSync[1]),
  };
}

/** @throws when the device's name does not end with a number. */
export function minorOf(device: string): number {
  const minor = /\d+$/.exec(device)?.[0];
  if (minor === undefined) throw new Error(`${device} is no DRBD device`);
  return Number(minor);
}

export async function stateOf(system: System, mirror: string, volume: string): Promise<DrbdState> {
  return parseProcDrbd(
    await system.onMirror(mirror, "cat /proc/drbd", 20),
    minorOf(volumeNamed(system.inventory, volume).device),
  );
}

/** Whether a mirror answers that a volume is Primary there; one that is off, or frozen, says nothing. */
export async function isPrimary(system: System, mirror: string, volume: string): Promise<boolean> {
  try {
    return (await stateOf(system, mirror, volume)).role === "Primary";
  } catch {
    return false;
  }
}

/** The mirror on which a volume is Primary; undefined when none answers that it is. */
export async function primaryOf(system: System, volume: string): Promise<string | undefined> {
  const roles = await Promise.all(
    system.inventory.mirrors.map(async ({ name }) => ((await isPrimary(system, name, volume)) ? name : undefined)),
  );
  return roles.find((name) => name !== undefined);
}

/** Waits until every volume is connected and UpToDate on both sides. Returns the seconds that it took. */
export async function awaitWhole(system: System, seconds: number): Promise<number> {
  const began = Date.now();
  await until("all volumes are UpToDate on both mirrors", seconds, async () => {
    const missing = await Promise.all(system.inventory.mirrors.map(({ name }) => notWhole(system, name)));
    return missing.find((words) => words !== undefined);
  });
  return (Date.now() - began) / 1000;
}

/** The first volume that is not whole, as one mirror sees it. */
async function notWhole(system: System, mirror: string): Promise<string | undefined> {
  const shown = await system.onMirror(mirror, "cat /proc/drbd", 20);
  for (const { name, device } of system.inventory.volumes) {
    const state = parseProcDrbd(shown, minorOf(device));
    if (state.connection !== "Connected" || state.disk !== "UpToDate" || state.peerDisk !== "UpToDate")
      return `${name} on ${mirror}: ${JSON.stringify(state)}`;
  }
  return undefined;
}

/** Compares the copies of a volume (drbdadm verify). Nobody may write meanwhile. Returns the sectors that differ. */
export async function verify(system: System, mirror: string, volume: string, seconds: number): Promise<number> {
  await system.onMirror(mirror, `drbdadm verify ${volume}`);
  let sectors = 0;
  await until(`verify of ${volume} ends`, seconds, async () => {
    const state = await stateOf(system, mirror, volume);
    sectors = state.outOfSync * 2;
    return state.connection === "Connected" ? undefined : state.connection;
  });
  const said = await system.onMirror(
    mirror,
    `dmesg | grep -E 'drbd${minorOf(volumeNamed(system.inventory, volume).device)}: .*Online verify done' | tail -n 1`,
  );
  if (said.trim() === "") throw new Error(`the kernel of ${mirror} does not say that verify of ${volume} was done`);
  return sectors;
}
