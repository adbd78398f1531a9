import type { Inventory, InventoryVolume } from "../../inventory/inventory.ts";
import { clusterPromotes } from "./clusterPromotes.ts";
import { diskConcern } from "./diskConcerns.ts";
import { type Evidence, timeOf } from "../observe/evidence.ts";
import type { MirrorState } from "../observe/states.ts";
import { isWhole } from "../observe/whole.ts";
import { mixtureWords, snapshotConcerns, withoutSnapshot } from "./snapshotConcerns.ts";

/**
 * What is not as it should be about a volume, each with what it means and what to do next.
 * @param silent the mirrors that do not answer
 * @param failover who fails over: an operator, or a cluster, which fences and leaves no marks
 */
export function volumeConcerns(
  volume: InventoryVolume,
  states: readonly MirrorState[],
  evidence: ReadonlyMap<string, Evidence>,
  silent: readonly string[] = [],
  failover: Inventory["failover"]["mode"] = "manual",
): readonly string[] {
  const { name } = volume;
  const fenced = failover === "automatic";
  const views = states.flatMap((state) =>
    state.volumes.filter((view) => view.name === name).map((view) => ({ ...view, mirror: state.mirror })),
  );
  const primaries = views.filter((view) => view.role === "Primary").map((view) => view.mirror);
  const syncing = views.find((view) => view.syncPercent !== null);
  const concerns: string[] = [];
  if (primaries.length === 0)
    concerns.push(
      `volume ${name} is primary nowhere: no client can use it${next(volume, states, silent, evidence, fenced)}`,
    );
  if (primaries.length > 1)
    concerns.push(
      `volume ${name} is primary on ${primaries.join(" and ")}: two writers; stop the ` +
        "clients on one side now, then docs/runbooks/split-brain.md",
    );
  for (const view of views) {
    const { mirror, connection, disk, role, frozen } = view;
    const lost = diskConcern(view, views.find((one) => one.mirror !== mirror)?.mirror ?? "the other mirror");
    if (frozen)
      concerns.push(
        `volume ${name}: ${mirror} stands still, and so do its clients: it lost its peer, and could neither tell ` +
          "it nor leave a mark on its own KVM host. Nothing is acknowledged meanwhile; bring the other mirror or a " +
          "network between them back, and it goes on by itself (journalctl -t kvm-mirror-fence-peer there)",
      );
    else if (lost !== undefined) concerns.push(lost);
    else if (connection === "StandAlone")
      concerns.push(
        `volume ${name}: ${mirror} is StandAlone, it replicates no more (split brain, or ` +
          `disconnected by hand): kvm-mirror recover ${name} explains which, and what to do`,
      );
    else if (disk === "Diskless" || disk === "Failed")
      concerns.push(
        `volume ${name}: ${mirror} has lost its disk (${disk}): a write is on ` +
          "one copy only; docs/runbooks/replace-a-mirror.md",
      );
    else if (disk !== "UpToDate" && !syncing)
      concerns.push(
        `volume ${name}: the disk of ${mirror} is ${disk}: a write is on one copy only, ` +
          "and " +
          `${role === "Primary" ? "clients read the other one's" : `${mirror} must not be promoted`}; ` +
          `it follows when it reaches its peer${mixtureWords(view)}`,
      );
    else if (connection === "WFConnection" || connection === "Unconfigured")
      concerns.push(
        `volume ${name}: ${mirror} has no connection to its peer (${connection})` +
          (primaries.length === 0
            ? freshness(view, views, evidence, fenced)
            : `: a write is on one copy only${freshness(view, views, evidence, fenced)}; ` +
              "bring the other mirror or the replication network back"),
      );
  }
  if (syncing)
    concerns.push(
      `volume ${name} is being synchronised (${syncing.syncPercent?.toFixed(1)} ` +
        "%): until it ends a write is safe on one copy only" +
        views.map(withoutSnapshot).join(""),
    );
  concerns.push(...snapshotConcerns(views));
  // While a verify runs, its findings are not all there.
  const differing = views.find((view) => view.connection === "Connected" && isWhole(view) && view.outOfSyncKiB > 0);
  if (differing)
    concerns.push(
      `volume ${name}: \`drbdadm verify\` found ${differing.outOfSyncKiB} KiB that ` +
        `differ between the mirrors: kvm-mirror recover ${name}`,
    );
  return concerns;
}

/** What brings back a volume that no mirror that answers has as Primary. */
function next(
  { name }: InventoryVolume,
  states: readonly MirrorState[],
  silent: readonly string[],
  evidence: ReadonlyMap<string, Pick<Evidence, "domain">>,
  fenced: boolean,
): string {
  const [dead, ...more] = silent;
  const state = states.find(({ volumes }) => volumes.some((view) => view.name === name));
  if (dead === undefined || more.length > 0 || state === undefined) return "; docs/runbooks/both-down.md";
  if (fenced) return clusterPromotes({ state, silent: dead, volume: name });
  const why = {
    off: `${dead} is off, its KVM host says:`,
    running:
      `${dead} does not answer, and its KVM host says that it is on: see whether it boots (virsh console ${dead} ` +
      "there); if it is dead,",
    moved:
      `${dead} does not answer, and was taken away from its KVM host: find where it runs, and migrate it back; if it ` +
      "is lost,",
    unknown: `${dead} does not answer: if it is dead,`,
  }[evidence.get(dead)?.domain ?? "unknown"];
  return `. ${why} kvm-mirror failover all (--dry-run shows what it would do; docs/runbooks/primary-died.md)`;
}

type View = MirrorState["volumes"][number] & { readonly mirror: string };

/**
 * Which copy has the writes of the time apart, as far as those who answer, and the KVM host of one that does not, know.
 * @param fenced by a cluster: what it knows of the copy is said where it is said what it promotes
 */
function freshness(
  view: View,
  views: readonly View[],
  evidence: ReadonlyMap<string, Evidence>,
  fenced: boolean,
): string {
  const since = (moment: number | null): string => (moment === null ? "" : ` since ${timeOf(moment)}`);
  const unheard = view.lostSince !== null && view.heardUntil === null ? " since it booted" : since(view.lostSince);
  if (view.role === "Primary") return view.alone === null ? "" : `, and it goes on alone${since(view.alone)}`;
  const other = views.find(({ mirror }) => mirror !== view.mirror);
  if (other)
    return other.alone !== null || (other.role === "Primary" && !other.suspended)
      ? `, and the copy of ${view.mirror} is stale: ${other.mirror} goes on alone${since(other.alone)}`
      : "";
  if (fenced) return `, and has not heard its peer${unheard}`;
  const [silent, known] = [...evidence].find(([mirror]) => mirror !== view.mirror) ?? [];
  if (!known?.marks)
    return (
      `, and the copy of ${view.mirror} may be stale: it has not heard its ` +
      `peer${unheard}, and it is unknown whether that went on alone`
    );
  const alone = known.marks.get(view.name);
  return alone === undefined
    ? `; the copy of ${view.mirror} lacks nothing: the KVM host of ${silent} says that it never went on alone`
    : `, and the copy of ${view.mirror} is stale: ${silent} went on alone at ${alone}, its KVM host says`;
}
