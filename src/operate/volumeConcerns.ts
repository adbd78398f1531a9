import type { InventoryVolume } from "../inventory.ts";
import { diskConcern } from "./diskConcerns.ts";
import type { MirrorState } from "./states.ts";

/** What is not as it should be about a volume, each with what it means and what to do next. */
export function volumeConcerns(volume: InventoryVolume, states: readonly MirrorState[]): readonly string[] {
  const { name } = volume;
  const views = states.flatMap((state) => state.volumes.filter((view) => view.name === name).map((view) => ({ ...view, mirror: state.mirror })));
  const primaries = views.filter((view) => view.role === "Primary").map((view) => view.mirror);
  const syncing = views.find((view) => view.syncPercent !== null);
  const concerns: string[] = [];
  if (primaries.length === 0) concerns.push(`volume ${name} is primary nowhere: no client can use it; docs/runbooks/both-down.md`);
  if (primaries.length > 1) concerns.push(`volume ${name} is primary on ${primaries.join(" and ")}: two writers; stop the clients on one side now, then docs/runbooks/split-brain.md`);
  for (const view of views) {
    const { mirror, connection, disk, role } = view;
    const lost = diskConcern(view, views.find((one) => one.mirror !== mirror)?.mirror ?? "the other mirror");
    if (lost !== undefined) concerns.push(lost);
    else if (connection === "StandAlone")
      concerns.push(`volume ${name}: ${mirror} is StandAlone, it replicates no more (split brain, or disconnected by hand): npm run recover -- ${name} explains which, and what to do`);
    else if (disk === "Diskless" || disk === "Failed") concerns.push(`volume ${name}: ${mirror} has lost its disk (${disk}): a write is on one copy only; docs/runbooks/replace-a-mirror.md`);
    else if (disk !== "UpToDate" && !syncing) concerns.push(`volume ${name}: the disk of ${mirror} is ${disk}: a write is on one copy only, and ${role === "Primary" ? "clients read the other one's" : `${mirror} must not be promoted`}; it follows when it reaches its peer`);
    else if (connection === "WFConnection" || connection === "Unconfigured")
      concerns.push(`volume ${name}: ${mirror} has no connection to its peer (${connection}): a write is on one copy only; bring the other mirror or the replication network back`);
  }
  if (syncing) concerns.push(`volume ${name} is being synchronised (${syncing.syncPercent?.toFixed(1)} %): until it ends a write is safe on one copy only`);
  const differing = views.find((view) => view.connection === "Connected" && view.disk === "UpToDate" && view.peerDisk === "UpToDate" && view.outOfSyncKiB > 0);
  if (differing) concerns.push(`volume ${name}: \`drbdadm verify\` found ${differing.outOfSyncKiB} KiB that differ between the mirrors: npm run recover -- ${name}`);
  return concerns;
}
