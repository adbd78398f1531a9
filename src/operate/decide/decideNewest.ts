import type { Inventory } from "../../inventory/inventory.ts";
import { bringBack } from "./bringBack.ts";
import type { Evidence } from "../observe/evidence.ts";
import { mayRunUnseen, timeOf } from "../observe/evidence.ts";
import { youTyped } from "./youTyped.ts";
import { parseGeneration, relate } from "./generation.ts";
import type { GroupSight, GroupView } from "../observe/groupSight.ts";
import { isParted, isWhole } from "../observe/whole.ts";

/** Words with which an operator gives up what a mirror acknowledged alone. */
export function givenUpPhrase(old: string, since: string): string {
  return `give up what ${old} wrote alone since ${since}`;
}

/** Words with which an operator takes it upon himself that a mirror is off. */
export function offPhrase(mirror: string): string {
  return `${mirror} is off and stays off`;
}

/**
 * The same of a primary that nobody can ask whether it went on alone: that it did not, either.
 * @param since when the other mirror last heard it; undefined: nobody knows
 */
export function offAndEqualPhrase(old: string, to: string, since: string | undefined): string {
  return `${offPhrase(old)}, and wrote nothing ${since === undefined ? `that ${to} lacks` : `after ${since}`}`;
}

/** What is about to be given up, for what. */
export interface GivingUp {
  /** The primary that is given up. */
  readonly old: string;
  readonly to: string;
  readonly evidence: Evidence;
  /** What the operator typed. */
  readonly confirmed: string | undefined;
}

/**
 * Refuses to give up a copy that may be newer than the one that is
 * left. The copy that is left is proven equal by one of
 * - the volume is connected and UpToDate on both: every acknowledged write is on both
 * - the old primary answers, its generations are the same, and it has left no mark
 * - the old primary does not answer, and its KVM host says that it has left no
 *   mark: it stands still, or is dead, since it lost its peer
 * @throws saying which copy is newer, what brings it back, and the words that give it up
 */
export function refuseUnlessEqual(
  inventory: Inventory,
  view: GroupView,
  { old, to, evidence, confirmed }: GivingUp,
): void {
  const ours = sightOf(view, to);
  const theirs = sightOf(view, old);
  if (!ours || isWholeOnBoth(ours, theirs)) return;
  if (theirs && mayRunUnseen(evidence.domain)) throw new Error(`group ${view.group}: ${answersOnly(old, evidence)}`);
  const marked = ours.volumes.flatMap(({ name }) => evidence.marks?.get(name) ?? []).toSorted()[0];
  const lost = lostSince(ours);
  const insist = (why: string, wayOut: string): void => {
    const phrase = givenUpPhrase(old, marked ?? lost ?? "they lost each other");
    if (confirmed !== phrase)
      throw new Error(
        `group ${view.group}: ${why}. ${wayOut}. Only if those writes shall be ` +
          `lost: --confirm "${phrase}"${youTyped(confirmed)}`,
      );
  };
  if (marked !== undefined)
    return insist(
      `${old} went on alone at ${marked}, and may have acknowledged writes since then; the copy of ${to} is stale`,
      theirs
        ? reconnect(old, to)
        : `${bringBack(inventory, old, evidence.domain)}: it has them (docs/runbooks/primary-died.md)`,
    );
  if (theirs) {
    const relation = worstRelation(theirs, ours);
    if (relation !== "same")
      return insist(
        `${old} answers, and its data is ${relation}: it may have acknowledged writes that ${to} lacks`,
        reconnect(old, to),
      );
  }
  if (mayRunUnseen(evidence.domain)) {
    // Nobody can say whether it went on alone.
    const phrase = offAndEqualPhrase(old, to, lost);
    if (confirmed === phrase) return;
    const [what, wayOut] =
      evidence.domain === "moved"
        ? [
            `${old} was taken to another KVM host (${evidence.why ?? "virsh migrate"})`,
            "Find where it runs, and migrate it back. If it is lost, make sure",
          ]
        : [`the KVM host of ${old} cannot be asked (${evidence.why ?? "no answer"})`, "Cut its power and make sure"];
    throw new Error(
      `group ${view.group}: ${what}: it is unknown whether ${old} is off, and whether it ` +
        `went on alone. ${to} has not heard it since ${lost ?? "an unknown time"}; ` +
        `if it ran on after that, it may have acknowledged writes that ${to} lacks. If it still runs and can ` +
        "be reached again, two mirrors would take writes, and those of one are lost. " +
        `${wayOut} that it stays off and was not serving after ` +
        `${lost ?? "they lost each other"}; then repeat with --confirm "${phrase}"${youTyped(confirmed)}`,
    );
  }
  if (evidence.marks === undefined)
    insist(
      `it is unknown whether ${old} went on alone: ` +
        `${evidence.why ?? "its marks cannot be read"}. ${to} has not heard it since ` +
        `${lost ?? "an unknown time"}`,
      `${theirs ? `Bring ${old} back` : bringBack(inventory, old, evidence.domain)}: as soon as they meet, they know`,
    );
}

/** No phrase says that a mirror is off which has just answered. */
function answersOnly(old: string, { domain, why }: Evidence): string {
  const host =
    domain === "moved"
      ? `was taken away from its KVM host (${why ?? "virsh migrate"}), which can no longer turn it off. Migrate it ` +
        "back, or shut it down"
      : `its KVM host cannot be asked to turn it off (${why ?? "no answer"}). Shut it down`;
  return (
    `${old} answers, so it runs, and ${host}, with sudo poweroff on ${old}; then repeat. Otherwise two mirrors would ` +
    "take writes, and those of one are lost"
  );
}

const reconnect = (old: string, to: string): string =>
  "Mend the replication network, and wait until both are UpToDate (kvm-mirror status; kvm-mirror recover explains " +
  `what keeps them apart): then kvm-mirror switch … --to ${to} moves it, and nothing is lost; ${old} serves meanwhile`;

function sightOf({ sights }: GroupView, name: string): GroupSight | undefined {
  return sights.find(({ mirror }) => mirror === name);
}

/**
 * Every volume is connected and UpToDate on both, by the word of both mirrors. UpToDate
 * alone is no proof: DRBD 8.4 calls a copy that was Outdated UpToDate
 * again when it connects to a peer that has no disk, with which it cannot compare
 * generations (sanitize_state in drbd_state.c); a mark still tells.
 */
function isWholeOnBoth(ours: GroupSight, theirs: GroupSight | undefined): boolean {
  const whole = ({ volumes }: GroupSight): boolean => volumes.every(isWhole);
  // One that is dead may still count as connected here for some seconds: its own mark, or none, tells.
  return theirs !== undefined && whole(ours) && whole(theirs);
}

/**
 * Since when the first of its volumes has not heard the peer. Undefined where one has not heard it since its mirror
 * booted: it misses the peer since then alone, and what that wrote before is missing as well.
 */
export function lostSince({ volumes }: GroupSight): string | undefined {
  const missing = volumes.filter(({ lostSince: since }) => since !== null);
  if (missing.some(({ heardUntil }) => heardUntil === null)) return undefined;
  const times = missing.flatMap(({ lostSince: since }) => since ?? []);
  return times.length === 0 ? undefined : timeOf(Math.min(...times));
}

/**
 * How the data of an old primary that answers stands to ours, of all
 * volumes that are apart; `same` only when every one is.
 */
function worstRelation(
  theirs: GroupSight,
  ours: GroupSight,
): "same" | "newer" | "of unknown age" | "apart from that of the other one (split brain)" {
  for (const volume of theirs.volumes) {
    const own = ours.volumes.find(({ name }) => name === volume.name);
    if (!isParted(volume.connection) && own && !isParted(own.connection)) continue;
    if (volume.generation === null || !own || own.generation === null) return "of unknown age";
    const relation = relate(parseGeneration(volume.generation), parseGeneration(own.generation));
    if (relation === "first newer") return "newer";
    if (relation === "split" || relation === "unrelated") return "apart from that of the other one (split brain)";
  }
  return "same";
}
