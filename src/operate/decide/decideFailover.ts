import type { Inventory } from "../../inventory/inventory.ts";
import { type GroupSight, type GroupView, volumeWords } from "../observe/groupSight.ts";
import { keptSince } from "../observe/keptSince.ts";
import { isWhole } from "../observe/whole.ts";
import { bringBack } from "./bringBack.ts";
import { hangingDisk } from "./hangingDisk.ts";
import { lostSince, refuseUnlessEqual } from "./decideNewest.ts";
import { runsStill } from "./runsStill.ts";
import type { Evidence } from "../observe/evidence.ts";
import { otherMirror } from "../stack/named.ts";

/** Which groups change over to which mirror, and the mirror that has to be off before. */
export interface Failover {
  readonly old: string;
  readonly to: string;
  readonly groups: readonly string[];
  readonly copy: Copy;
}

/**
 * What is known of the copy that takes over:
 * - proven: it has every write that a client was told is done
 * - last: it cannot tell whether the lost mirror wrote on without it; the operator has said that it did not, or gives
 *   those writes up
 * - stale: it knows that the lost mirror did; the operator gives those writes up
 */
export type Copy = "proven" | "last" | "stale";

/**
 * Words with which an operator takes it upon himself that a mirror never comes
 * back, and that the other one lacks nothing that it had.
 * @param since when its KVM host says that it went on alone: then the other one does lack something
 */
export function lastCopyPhrase(old: string, to: string, since?: string): string {
  return since === undefined
    ? `${old} is lost for good and ${to} has the last writes`
    : `${old} is lost for good, with what it wrote alone since ${since}`;
}

/**
 * Confirmation phrase for a mirror that never comes back, when the only copy that is left is marked as outdated:
 * it serves, and the newest writes are lost.
 * @param since when the lost mirror went on alone, or was last heard; undefined: nobody knows
 */
export function staleCopyPhrase(old: string, to: string, since: string | undefined): string {
  return `${old} is lost for good, and ${to} serves without what it wrote since ${since ?? "they lost each other"}`;
}

/**
 * What an unplanned failover of some groups means, from what the mirrors say, and
 * what the KVM host of the mirror that is given up knows of it.
 * @param evidence what its KVM host says of a mirror, weighed against what the other one knows (elsewhere.ts)
 * @param confirmed what the operator typed
 * @throws saying why nothing may be promoted
 */
export function decideFailover(
  inventory: Inventory,
  views: readonly GroupView[],
  wanted: readonly string[],
  evidence: (mirror: string) => Evidence,
  confirmed?: string,
): Failover {
  const chosen = views.filter(({ group }) => wanted.includes(group));
  const to = survivor(inventory, chosen);
  const old = otherMirror(inventory, to);
  const known = evidence(old.name);
  const since = chosen
    .flatMap(({ sights }) =>
      sights.flatMap(({ volumes }) => volumes.flatMap(({ name }) => known.marks?.get(name) ?? [])),
    )
    .toSorted()[0];
  const phrases = {
    last: lastCopyPhrase(old.name, to, since),
    stale: staleCopyPhrase(old.name, to, since ?? lostByAny(chosen, to)),
  };
  const copy: Copy = confirmed === phrases.stale ? "stale" : confirmed === phrases.last ? "last" : "proven";
  const moving = chosen.filter((view) => !isHeldBy(view, to));
  for (const view of moving) {
    refuseIfWhole(view, to, old.name);
    const silent = view.unreachable.has(old.name);
    refuseUnlessGood(view, {
      ...{ to, old: old.name, copy, phrases, since },
      back: silent ? bringBack(inventory, old.name, known.domain) : `Bring ${old.name} back`,
      runs: silent && known.domain === "running" ? runsStill(inventory, old.name, to) : undefined,
    });
    if (copy === "proven") refuseUnlessEqual(inventory, view, { old: old.name, to, evidence: known, confirmed });
  }
  // Fencing takes the whole mirror: what else it holds must come along, or stand still.
  const left = views.filter((view) => !wanted.includes(view.group) && !isHeldBy(view, to)).map(({ group }) => group);
  if (left.length > 0)
    throw new Error(
      known.domain === "off"
        ? `${old.name} is off, and group ${left.join(", ")} is down with it: say all`
        : `fencing ${old.name} also stops group ${left.join(", ")}: say all, or switch it to ${to} first`,
    );
  return { old: old.name, to, groups: moving.map(({ group }) => group), copy };
}

function isHeldBy({ sights }: GroupView, name: string): boolean {
  return sights.some(({ mirror, holds }) => mirror === name && holds);
}

/** The mirror that answers and lacks some of the groups. */
function survivor(inventory: Inventory, views: readonly GroupView[]): string {
  const groups = views.map(({ group }) => group).join(", ");
  const answering = views[0]?.sights.map(({ mirror }) => mirror) ?? [];
  const silent = [...(views[0]?.unreachable ?? [])].map(([name, why]) => `${name}: ${why}`).join("; ");
  const [to, ...more] = answering.filter((name) => !views.every((view) => isHeldBy(view, name)));
  if (answering.length === 0) throw new Error(`no mirror answers: ${silent}`);
  if (!to)
    throw new Error(
      `${answering.join(" and ")} holds ${groups} already: nothing fails ` +
        `over${silent === "" ? "" : `. Bring the other mirror back (${silent})`}`,
    );
  if (more.length === 0) return to;
  const both = `${answering.join(" and ")} both answer`;
  if (views.some(({ sights }) => sights.some(({ holds }) => holds)))
    throw new Error(`${both}, and each lacks one of ${groups}: name the groups of the one to give up`);
  throw new Error(
    `${both} and neither holds the group: that is no failover. Where it ran last, it starts ` +
      `when both are UpToDate; else \`pulumi up\` of stack ${inventory.stack}`,
  );
}

/** A primary that answers and replicates is no reason to pull its plug. */
function refuseIfWhole(view: GroupView, to: string, old: string): void {
  const { group, sights } = view;
  const holder = sights.find(({ mirror, holds }) => mirror === old && holds);
  if (!holder?.volumes.every(isWhole)) return;
  const way =
    hangingDisk(view, old, to, "repeat this") ??
    `move it without loss of redundancy with kvm-mirror switch … --to ${to}`;
  throw new Error(`group ${group} runs on ${old}, which answers, and both mirrors are UpToDate: ${way}`);
}

/** Since when the first volume of these groups has not heard the peer, by the word of a mirror. */
function lostByAny(views: readonly GroupView[], name: string): string | undefined {
  return views
    .flatMap(({ sights }) => sights.filter(({ mirror }) => mirror === name).flatMap((sight) => lostSince(sight) ?? []))
    .toSorted()[0];
}

/** For a mixture that has kept what it was before. */
const wayBack = (volume: GroupSight["volumes"][number], to: string): string =>
  volume.disk === "Inconsistent" && keptSince(volume) !== undefined
    ? `. ${to} keeps what it had before its synchronisation began: kvm-mirror recover ${volume.name} --roll-back ` +
      `${to} says ` +
      "what going back to it means"
    : "";

interface CopyLeft {
  readonly to: string;
  readonly old: string;
  readonly copy: Copy;
  readonly phrases: { readonly last: string; readonly stale: string };
  /** When the old mirror went on alone, by its mark. */
  readonly since: string | undefined;
  /** `Bring mirror-a back`, and how, where it does not answer. */
  readonly back: string;
  /** Why no phrase gives up the old mirror, which does not answer: its KVM host says that it runs. */
  readonly runs: string | undefined;
}

function refuseUnlessGood(
  { group, sights, unreachable }: GroupView,
  { to, old, copy, phrases, since, back, runs }: CopyLeft,
): void {
  const sight = sights.find(({ mirror }) => mirror === to);
  for (const volume of sight?.volumes ?? []) {
    if (volume.disk === "UpToDate") continue;
    if (runs !== undefined && (volume.disk === "Consistent" || volume.disk === "Outdated")) {
      const lacks =
        volume.disk === "Outdated" ? "is Outdated" : "cannot know whether it has the last writes (Consistent)";
      throw new Error(`group ${group}: volume ${volume.name} on ${to} ${lacks}, and ${runs}`);
    }
    if (volume.disk === "Consistent" && unreachable.has(old)) {
      if (copy !== "proven") continue;
      throw new Error(
        `group ${group}: the disk of ${to} is Consistent (${volumeWords(volume)}): it was started without ` +
          `${old}, and cannot know whether ${old} took writes after they lost each other. ` +
          (since === undefined
            ? `${back}: as soon as they meet, they know (docs/runbooks/both-down.md). Only if ` +
              `${old} never comes back, and was not the one that served last by itself, `
            : `It did: ${old} went on alone at ${since}, its KVM host says. ${back}: it has the ` +
              "last writes (docs/runbooks/both-down.md). Only if it never comes back, ") +
          `go on with the copy of ${to}: --confirm "${phrases.last}". Writes that ${old} alone had are lost then`,
      );
    }
    // In the middle of a synchronisation a copy is a mixture of old and new blocks, which no file system survives.
    const outdated = volume.disk === "Outdated" && unreachable.has(old);
    if (outdated && copy === "stale") continue;
    const wayWithout = outdated
      ? `. Only if ${old} never comes back, and an old state of the disk is better than none: ` +
        `--confirm "${phrases.stale}". All that clients wrote after that is lost then`
      : wayBack(volume, to);
    throw new Error(
      `group ${group}: the disk of ${to} is ${volume.disk} (${volumeWords(volume)}): ` +
        "acknowledged writes are missing there. " +
        `${back}: it has them (docs/runbooks/both-down.md)${wayWithout}`,
    );
  }
}
