import { decideMove } from "../src/operate/decide/clientMove.ts";
import { pausedOn } from "../src/operate/decide/clientResume.ts";
import { lastCopyPhrase } from "../src/operate/decide/decideFailover.ts";
import { decideDrain } from "../src/operate/decide/decideMaintenance.ts";
import { givenUpPhrase } from "../src/operate/decide/decideNewest.ts";
import { decideRecovery, discardPhrase, type RecoveryStep } from "../src/operate/decide/decideRecovery.ts";
import { decideSwitch } from "../src/operate/decide/decideSwitch.ts";
import { type Diagnosis, type Copy as VolumeCopy, diagnoseVolume } from "../src/operate/decide/diagnoseVolume.ts";
import { viewGroup } from "../src/operate/observe/groupSight.ts";
import { agreedBy, decide, type Decided, indexOf } from "./decisions.ts";
import { settle } from "./background.ts";
import { attachAlone, broken, demote, force } from "./drbd.ts";
import { forgive, openExport, endSessions } from "./io.ts";
import type { StartMode } from "./rules/promotable.ts";
import { crash, fence, groupStop, promoteHere, serve, start, startable, vipTaken } from "./scripts.ts";
import {
  answers,
  clientName,
  copyOn,
  findClient,
  groupName,
  hostAnswers,
  inventoryOf,
  observe,
  volumeName,
} from "./sight.ts";
import { Conn, Disk, Domain, Role, justCreated } from "./words.ts";
import { type Mirror, type World, hostName, mirrorName, other, platter } from "./world.ts";
import { messageOf } from "../src/messageOf.ts";

/**
 * The operator's commands: the real decisions, and after them steps, each of which may
 * be the last one. A step that returns words has failed with them.
 */

type Steps = (() => string | undefined)[];

/** Words that an operator types: none; those that the refusal printed; or, at once, that a mirror is lost for good. */
export type Typed = "nothing" | "printed" | "last copy";

/** Begins a command. @returns whether it was not refused */
export function begin(world: World, title: string, decide: () => Steps): boolean {
  try {
    const steps = decide();
    world.say(`${title}: ${steps.length} steps`);
    world.command = steps.length === 0 ? undefined : { title, steps };
    return true;
  } catch (error) {
    world.say(`${title}: refused: ${messageOf(error)}`);
    return false;
  }
}

/** The next step of the command under way. */
export function goOn(world: World): void {
  const { command } = world;
  const step = command?.steps.shift();
  if (!command || !step) return;
  const failed = step();
  if (failed !== undefined) world.say(`${command.title}: ${failed}`);
  if (failed !== undefined || command.steps.length === 0) world.command = undefined;
}

/** Tries with what was typed, and with the words that the refusal shows where the operator types those. */
function insisting<Result>(
  typed: Typed,
  attempt: (confirmed: string | undefined) => Result,
): readonly [Result, string | undefined] {
  try {
    return [attempt(undefined), undefined];
  } catch (error) {
    const words = error instanceof Error ? /--confirm "([^"]+)"/.exec(error.message)?.[1] : undefined;
    if (typed !== "printed" || words === undefined) throw error;
    return [attempt(words), words];
  }
}

/** `kvm-mirror failover all` */
export function failover(world: World, typed: Typed): Steps {
  let decided: Decided;
  let confirmed: string | undefined;
  if (typed === "last copy") {
    const lasting = answers(world, world.mirrors[0]) ? 0 : 1;
    confirmed = lastCopyPhrase(mirrorName(other(lasting)), mirrorName(lasting));
    decided = decide(world, confirmed);
  } else {
    [decided, confirmed] = insisting(typed, (words) => decide(world, words));
  }
  const decision = decided.failover;
  const [old, to] = [world.mirrors[indexOf(decision.old)], world.mirrors[indexOf(decision.to)]];
  let mode: StartMode = decision.lastCopy ? "--last-copy" : "--peer-fenced";
  let typedOff = decision.lastCopy;
  return [
    () => {
      if (world.command) world.command.off = old.index;
      if (fence(world, old)) return undefined;
      if (!decided.byWord) return `the host of ${decision.old} does not say that it is off`;
      if (!decision.lastCopy) mode = "--peer-said-off";
      typedOff = true;
      return undefined;
    },
    () => {
      if (mode !== "--peer-fenced") return undefined;
      try {
        decided.again();
        return undefined;
      } catch (error) {
        return messageOf(error);
      }
    },
    () => (answers(world, to) && startable(world, to, mode) ? undefined : `${decision.to} is not promotable`),
    () => {
      if (!answers(world, to)) return "no answer";
      const agreed = agreedBy(decision, confirmed);
      const before = to.role;
      if (!promoteHere(world, to, mode === "--peer-fenced" ? "confirmed" : "by-word", typedOff && agreed.off))
        return "not promoted";
      if (vipTaken(world, to))
        return before === Role.Primary || demote(world, to)
          ? "the VIP answers elsewhere"
          : "the VIP answers elsewhere; it stays Primary";
      if (agreed.lost && to.own >= Disk.Inconsistent) forgive(world, to);
      return undefined;
    },
    () => {
      if (!answers(world, to) || to.role !== Role.Primary) return "no answer";
      serve(world, to);
      return undefined;
    },
  ];
}

/** `kvm-mirror switch all --to <mirror>` */
export function switchTo(world: World, to: 0 | 1): Steps {
  const inventory = inventoryOf(world);
  const decision = decideSwitch(viewGroup(inventory, observe(world), groupName), mirrorName(to));
  return decision.kind === "there" ? [] : moveGroup(world, world.mirrors[to]);
}

/** `kvm-mirror maintain <mirror>` */
export function maintain(world: World, index: 0 | 1): Steps {
  const inventory = inventoryOf(world);
  const moving = decideDrain([viewGroup(inventory, observe(world), groupName)], mirrorName(other(index)));
  return moving.length === 0 ? [] : moveGroup(world, world.mirrors[other(index)]);
}

/** switch-group.sh */
function moveGroup(world: World, to: Mirror): Steps {
  const from = world.mirrors[other(to.index)];
  const back = (): string =>
    answers(world, from) && startable(world, from, "--with-peer") && startHere(world, from)
      ? "it serves as before"
      : "it serves nowhere";
  return [
    () => {
      const whole = (mirror: Mirror): boolean =>
        mirror.conn === Conn.Connected && mirror.own === Disk.UpToDate && mirror.peerDisk === Disk.UpToDate;
      return answers(world, to) && whole(to) ? undefined : `${mirrorName(to.index)} cannot take it`;
    },
    () => {
      if (!answers(world, from)) return "no answer";
      return groupStop(world, from) ? undefined : `it was not let go: ${back()}`;
    },
    () => {
      if (!answers(world, to) || !startable(world, to, "--take-over") || !promoteHere(world, to, "no", false))
        return `not taken: ${back()}`;
      return undefined;
    },
    () => {
      if (!answers(world, to) || to.role !== Role.Primary) return "no answer";
      serve(world, to);
      return undefined;
    },
  ];
}

/** group-start.sh without an option, in one go. */
function startHere(world: World, mirror: Mirror): boolean {
  if (!promoteHere(world, mirror, "no", false)) return false;
  if (!mirror.serving && vipTaken(world, mirror)) {
    demote(world, mirror);
    return false;
  }
  serve(world, mirror);
  return true;
}

/** `kvm-mirror recover r0 [--keep <mirror>] [--confirm …]` */
export function recover(world: World, keep: 0 | 1 | undefined, typed: boolean): Steps {
  const [first, second] = [copyOn(world, world.mirrors[0]), copyOn(world, world.mirrors[1])];
  if (!first || !second) throw new Error("a mirror cannot be asked");
  const diagnosis = diagnoseVolume(first, second);
  const lost = keep === undefined ? undefined : [first, second][other(keep)];
  const confirm = typed && lost !== undefined ? phraseFor(lost, diagnosis) : undefined;
  const steps = decideRecovery(volumeName, [first, second], diagnosis, {
    keep: keep === undefined ? undefined : mirrorName(keep),
    confirm,
    withoutCopy: false,
  });
  return steps.map((step) => () => recoveryStep(world, step, keep));
}

const phraseFor = ({ mirror, alone }: VolumeCopy, { kind }: Diagnosis): string =>
  kind === "down" && alone !== undefined ? givenUpPhrase(mirror, alone) : discardPhrase(volumeName, mirror);

/** Carries out one step on a mirror. */
function recoveryStep(world: World, step: RecoveryStep, keep: 0 | 1 | undefined): string | undefined {
  if (step.kind === "see them connected") return undefined;
  const mirror = world.mirrors[indexOf(step.mirror)];
  if (!answers(world, mirror)) return "no answer";
  switch (step.kind) {
    case "stop group":
      return groupStop(world, mirror) ? undefined : "it stays Primary";
    case "set aside":
      if (mirror.role === Role.Primary || mirror.conn > Conn.Connected) return "refused";
      if (mirror.own < Disk.Inconsistent) return "it has no disk";
      mirror.conn = Conn.StandAlone;
      mirror.peerRole = Role.Unknown;
      mirror.disk.peerOutdated = false;
      attachAlone(world, mirror);
      return undefined;
    case "new metadata":
      if (mirror.own >= Disk.Inconsistent) return undefined;
      if (!mirror.disk.present || mirror.disk.current !== 0) return "the disk is not empty";
      if (mirror.mark !== 0 && keep !== undefined) forgive(world, world.mirrors[keep]);
      return takeNewDisk(world, mirror);
    case "discard and connect":
      if (mirror.role === Role.Primary || mirror.conn >= Conn.Connected) return "refused";
      if (mirror.own < Disk.Inconsistent) return "it has no disk";
      // From here on its writes are given up, as the operator has said.
      if (keep !== undefined) forgive(world, world.mirrors[keep]);
      mirror.discard = true;
      mirror.conn = Conn.WFConnection;
      return undefined;
    case "connect":
      if (mirror.own < Disk.Inconsistent) return "it has no disk";
      if (mirror.conn === Conn.StandAlone) mirror.conn = Conn.WFConnection;
      return undefined;
  }
}

/** drbd-create-metadata.sh on an empty disk. */
function takeNewDisk(world: World, mirror: Mirror): string | undefined {
  mirror.disk = platter(justCreated);
  mirror.failing = false;
  world.say(`${mirrorName(mirror.index)} makes new metadata`);
  if (mirror.conn >= Conn.Connected) {
    // Attached while connected: it takes everything from the peer.
    mirror.own = Disk.Diskless;
    mirror.conn = Conn.WFConnection;
    const peer = world.mirrors[other(mirror.index)];
    if (peer.conn >= Conn.Connected) peer.conn = Conn.WFConnection;
  }
  attachAlone(world, mirror);
  return undefined;
}

/** `pulumi up`; `refresh`: with --refresh, which makes data disks that are gone. */
export function up(world: World, refresh: boolean): Steps {
  const wanted = world.active;
  const steps: Steps = [];
  if (refresh) steps.push(() => missingDisks(world));
  steps.push(
    () => (world.mirrors.every((mirror) => answers(world, mirror)) ? undefined : "a mirror does not answer"),
    () => metadata(world),
    () => firstSync(world),
    () => standbyOff(world, wanted),
    ...world.mirrors.map((mirror) => () => configure(world, mirror, wanted)),
    () => placeGroup(world),
    () => {
      world.applied = wanted;
      return world.managed ? startCopy(world, wanted) : undefined;
    },
  );
  return steps;
}

function missingDisks(world: World): string | undefined {
  for (const mirror of world.mirrors) {
    if (!mirror.unmounted || mirror.disk.present) continue;
    if (world.fixes.oneFirstSync && world.firstSynced)
      return `the data disk of ${mirrorName(mirror.index)} is gone; it is not made anew without your word`;
    if (!hostAnswers(world, mirror.index)) return "no answer";
    // The pool holds the OS disk and the marks too: a new machine, with new disks.
    mirror.disk = platter(0);
    mirror.enabled = false;
    mirror.mark = 0;
    start(world, mirror);
    world.say(`up makes ${mirrorName(mirror.index)} anew, with an empty disk`);
  }
  return undefined;
}

function metadata(world: World): string | undefined {
  for (const mirror of world.mirrors) {
    if (mirror.own >= Disk.Inconsistent) continue;
    // A disk that had metadata before, by the mirror's own record, is
    // refused when it is empty; a new machine has no record.
    if (mirror.disk.present && mirror.disk.current === 0 && mirror.unmounted) takeNewDisk(world, mirror);
    else return `${mirrorName(mirror.index)} has no disk`;
  }
  return undefined;
}

function firstSync(world: World): string | undefined {
  const [first, second] = world.mirrors;
  if (
    first.own !== Disk.Inconsistent ||
    first.disk.current !== justCreated ||
    second.own !== Disk.Inconsistent ||
    second.disk.current !== justCreated
  )
    return undefined;
  if (world.fixes.oneFirstSync && world.firstSynced)
    return "the volume had its first synchronisation: nothing is forced";
  settle(world);
  if (first.conn < Conn.Connected || broken(world, first)) return "they are not connected";
  world.say("the first synchronisation is forced from mirror-a");
  force(world, first);
  settle(world);
  return undefined;
}

function standbyOff(world: World, wanted: 0 | 1): string | undefined {
  if (!world.managed) return undefined;
  const off = other(wanted);
  if (!hostAnswers(world, off)) return `${hostName(off)} does not answer`;
  return shutdownCopy(world, off);
}

/**
 * group-configure.sh: admissions, behind a look at who has the volume
 * open and, with the fix, at who could open it again.
 */
function configure(world: World, mirror: Mirror, wanted: 0 | 1): string | undefined {
  if (!answers(world, mirror)) return "no answer";
  const admits = 1 << wanted;
  const loses = other(wanted);
  if (mirror.admits === admits) return undefined;
  if (mirror.serving && world.copies[loses].session === mirror.index) return `${hostName(loses)} has the volume open`;
  if (world.fixes.askHosts) {
    if (!hostAnswers(world, loses)) return `${hostName(loses)} cannot be asked whether the client is off`;
    if (world.copies[loses].on) return `the client is on at ${hostName(loses)}`;
  }
  mirror.admits = admits;
  world.say(`${mirrorName(mirror.index)} admits ${hostName(wanted)}`);
  return undefined;
}

/** place-group.sh */
function placeGroup(world: World): string | undefined {
  const [first, second] = world.mirrors;
  if (!answers(world, first) || !answers(world, second)) return "a mirror does not answer";
  if (first.serving && second.serving) return "both serve";
  const where = first.serving
    ? first
    : second.serving
      ? second
      : first.enabled && !second.enabled
        ? first
        : second.enabled && !first.enabled
          ? second
          : first;
  if (!groupStop(world, world.mirrors[other(where.index)])) return "the other one stays Primary";
  if (!startable(world, where, "--with-peer")) return `${mirrorName(where.index)} cannot start the group`;
  return startHere(world, where) ? undefined : `${mirrorName(where.index)} does not start the group`;
}

/** `virsh start` of the client: QEMU opens its disks at once, or does not start. */
export function startCopy(world: World, host: 0 | 1): string | undefined {
  const copy = world.copies[host];
  if (copy.on) return undefined;
  if (!world.hosts[host].up) return "the host is off";
  if (openExport(world, host) < 0) return "the export cannot be opened";
  copy.on = true;
  copy.paused = false;
  copy.wrote = false;
  world.say(`the client starts on ${hostName(host)}`);
  return undefined;
}

/** A clean shutdown: what is under way is answered first. */
export function shutdownCopy(world: World, host: 0 | 1): string | undefined {
  const copy = world.copies[host];
  if (!copy.on) return undefined;
  if (copy.paused) return "it is paused: resume it first";
  if (world.pending?.host === host) return "it does not shut down: a write is not answered";
  endCopy(world, host);
  return undefined;
}

export function endCopy(world: World, host: 0 | 1): void {
  const copy = world.copies[host];
  if (copy.on) world.say(`the client on ${hostName(host)} is off`);
  copy.on = false;
  copy.paused = false;
  copy.session = -1;
  copy.wrote = false;
  if (world.pending?.host === host) world.pending = undefined;
  if (!world.copies[other(host)].on) world.twoCopiesAgreed = false;
}

/** `kvm-mirror client app-1 --to <host>` */
export function moveClient(world: World, to: 0 | 1, typed: Typed): Steps {
  const inventory = inventoryOf(world);
  const [client] = inventory.clients;
  if (!client) return [];
  const seen = findClient(world);
  const [move] = insisting(typed, (words) => decideMove(client, hostName(to), seen, words));
  if (move.kind === "nothing") return [];
  const from = other(to);
  const answer = (): string | undefined => (openable(world, to) ? undefined : "the exports do not answer");
  if (move.kind === "clean") {
    return [
      answer,
      () => (move.from === undefined ? undefined : hostAnswers(world, from) ? shutdownCopy(world, from) : "no answer"),
      () => void (world.active = to),
      ...up(world, false).map((_, index) => () => up(world, false)[index]?.()),
    ];
  }
  const mirrors = world.mirrors.filter((mirror) => answers(world, mirror));
  return [
    answer,
    ...mirrors.map(
      (mirror) => () => (answers(world, mirror) ? void endSessions(world, mirror.index, from) : "no answer"),
    ),
    () => void (world.active = to),
    ...mirrors.map((mirror) => () => (answers(world, mirror) ? void (mirror.admits = 1 << to) : "no answer")),
    () => {
      if (!hostAnswers(world, to)) return "no answer";
      if (world.copies[from].on) world.twoCopiesAgreed = true;
      return startCopy(world, to);
    },
  ];
}

function openable(world: World, host: 0 | 1): boolean {
  const [first, second] = world.mirrors;
  const reaches = (mirror: Mirror): boolean =>
    mirror.serving && mirror.domain === Domain.Running && (mirror.index === host || world.storage);
  return reaches(first) || reaches(second);
}

/** `kvm-mirror client app-1 --resume` */
export function resumeClient(world: World): Steps {
  const host = pausedOn(clientName, findClient(world));
  if (host === undefined) return [];
  const index = host === hostName(0) ? 0 : 1;
  return [
    () => {
      if (!hostAnswers(world, index) || openExport(world, index) < 0) return "the export cannot be opened";
      world.copies[index].paused = false;
      return undefined;
    },
  ];
}

/** A whole KVM host loses its power. */
export function hostDies(world: World, index: 0 | 1): void {
  const host = world.hosts[index];
  if (!host.up) return;
  const mirror = world.mirrors[index];
  const wasSaved = mirror.domain === Domain.Saved;
  if (!wasSaved) crash(world, mirror);
  endCopy(world, index);
  host.up = false;
  world.say(`${hostName(index)} loses its power`);
}
