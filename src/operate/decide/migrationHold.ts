import type { MigrationSight, MigrationSights } from "../observe/migrationSight.ts";

/** What a live migration has of a client on one KVM host. */
export type Hold =
  /** It runs. */
  | "runs"
  /** It has handed its guest over: QEMU stands still, and does not go on by itself. */
  | "handed over"
  /** It has come in whole, and was not let go yet. */
  | "waits"
  /** Not all of it has come in: it has not run there. */
  | "comes in"
  /** It was migrated away, and has not run here since: libvirt has ended it when it had arrived. */
  | "left"
  | "off";

/** Of a host, in words. */
export const said = ([host, hold]: readonly [string, Hold]): string => `${words[hold]} on ${host}`;
const words: Readonly<Record<Hold, string>> = {
  runs: "running",
  "handed over": "handed over",
  waits: "waiting to be let go",
  "comes in": "coming in",
  left: "off",
  off: "off",
};

/** Of the hosts that answer. */
export function holds(name: string, seen: MigrationSights): ReadonlyMap<string, Hold> {
  return new Map(
    [...seen].flatMap(([host, sight]) => ("unreachable" in sight ? [] : [[host, holdOf(name, host, sight)]])),
  );
}

/** @throws for what no live migration leaves */
function holdOf(name: string, host: string, sight: MigrationSight): Hold {
  const { state, reason, qemu, migrating, saved, permit } = sight;
  if (migrating)
    throw new Error(
      `client ${name} is being migrated away from ${host} now. Wait, or end that on ${host}: virsh domjobabort ${name}`,
    );
  if (saved)
    throw new Error(`client ${name} is saved to disk on ${host} (virsh managedsave): start it, or remove that, first`);
  if (state === "shut off") return reason === "migrated" ? "left" : "off";
  if (state === "undefined") return "off";
  if (state === "running" || state === "idle") return "runs";
  if (state === "paused" && qemu === "postmigrate") return "handed over";
  if (state === "paused" && qemu === "inmigrate") return "comes in";
  if (state === "paused" && qemu === "paused" && permit === "incoming") return "waits";
  throw new Error(
    `client ${name} is ${state}${reason === "" ? "" : ` (${reason})`} on ${host}: only one that runs is migrated live`,
  );
}
