import { kernelStep, unitStep } from "./background.ts";
import { endCopy, moveClient, resumeClient, shutdownCopy, startCopy } from "./commands/client.ts";
import { begin, goOn } from "./commands/command.ts";
import { failover } from "./commands/failover.ts";
import { recover, rollBack } from "./commands/recover.ts";
import { maintain, switchTo } from "./commands/switch.ts";
import { up } from "./commands/up.ts";
import { loseConnection } from "./drbd/connection.ts";
import { answer, attach, detach, hang } from "./drbd/disk.ts";
import { broken, suspended } from "./drbd/state.ts";
import { route, settlePending, write } from "./io.ts";
import { crash, groupStop, lastSign, poolMounted, start } from "./scripts.ts";
import { hostAnswers } from "./sight.ts";
import { Conn, Disk, Domain, Role } from "./words.ts";
import { type Mirror, type World, blocks, hostName, mirrorName, other, platter } from "./world.ts";

/** Something that happens. */
export interface Event {
  readonly name: string;
  /** How often it is drawn, against the others. */
  readonly weight: number;
  apply(world: World): void;
}

const sides = [0, 1] as const;
const each = (name: string, weight: number, apply: (world: World, index: 0 | 1) => void): Event[] =>
  sides.map((index) => ({ name: `${name} ${index === 0 ? "a" : "b"}`, weight, apply: (world) => apply(world, index) }));
const eachMirror = (name: string, weight: number, apply: (world: World, mirror: Mirror) => void): Event[] =>
  each(name, weight, (world, index) => apply(world, world.mirrors[index]));
const one = (name: string, weight: number, apply: (world: World) => void): Event[] => [{ name, weight, apply }];
/** A command is typed only when the one before it has ended, or was killed. */
const typed = (name: string, weight: number, decide: (world: World) => Parameters<typeof begin>[2]): Event[] =>
  one(name, weight, (world) => {
    if (!world.command) begin(world, name, decide(world));
  });
const network = (name: "replication" | "storage" | "management", weight: number): Event[] => [
  ...one(`cut ${name}`, weight, (world) => void (world[name] = false)),
  ...one(`heal ${name}`, weight, (world) => void (world[name] = true)),
];

/** All that can happen, in any order. A schedule is a list of places in this list. */
export const events: readonly Event[] = [
  ...eachMirror("kernel", 90, (world, mirror) => void kernelStep(world, mirror, 0)),
  ...eachMirror("kernel, second way,", 4, (world, mirror) => void kernelStep(world, mirror, 1)),
  ...eachMirror("kernel, cut short,", 4, (world, mirror) => void kernelStep(world, mirror, 2)),
  ...eachMirror("units", 50, (world, mirror) => void unitStep(world, mirror)),
  ...one("next step of the command", 110, goOn),
  ...one("the command comes to its end", 30, (world) => {
    for (let step = 0; world.command && step < 20; step++) {
      goOn(world);
      settlePending(world);
    }
  }),
  ...one("the command is killed", 3, (world) => void (world.command = undefined)),
  ...one("time passes", 6, (world) => void (world.now += 600)),
  ...sides.flatMap((host) =>
    Array.from({ length: blocks }, (_, block) =>
      one(`write ${hostName(host)} block ${block}`, host === 0 ? 45 : 25, (world) => write(world, host, block)),
    ).flat(),
  ),

  ...network("replication", 12),
  ...network("storage", 7),
  ...network("management", 7),
  ...one("cut every cable", 8, (world) => void (world.replication = world.storage = world.management = false)),
  ...one("heal every cable", 5, (world) => void (world.replication = world.storage = world.management = true)),
  ...each("the operator does not reach", 3, (world, index) => void (world.hosts[index].reachable = false)),
  ...each("deaf:", 2, (world, index) => void (world.hosts[index].deaf = true)),
  ...each("no longer deaf:", 4, (world, index) => void (world.hosts[index].deaf = false)),
  ...each("the operator reaches", 6, (world, index) => void (world.hosts[index].reachable = true)),

  ...eachMirror("destroy", 8, crashed),
  ...eachMirror("destroy, write on the peer alone,", 3, (world, mirror) => halfWritten(world, mirror, true)),
  ...eachMirror("destroy, write on itself alone,", 3, (world, mirror) => halfWritten(world, mirror, false)),
  ...eachMirror("shut down", 3, shutDown),
  // Whoever types a failover does not start the mirror that it has just turned off.
  ...eachMirror(
    "virsh start",
    22,
    (world, mirror) => void (world.command?.off !== mirror.index && start(world, mirror)),
  ),
  ...eachMirror("freeze", 3, (world, mirror) => standsStill(world, mirror, Domain.Frozen)),
  ...eachMirror(
    "thaw",
    6,
    (_, mirror) => void (mirror.domain = mirror.domain === Domain.Frozen ? Domain.Running : mirror.domain),
  ),
  ...eachMirror("managedsave", 2, (world, mirror) => standsStill(world, mirror, Domain.Saved)),
  ...eachMirror("virsh migrate away", 2, migrated),
  ...eachMirror("copied by hand, and started on another host,", 2, copiedAway),
  ...eachMirror("virsh migrate back", 4, movedBack),
  ...eachMirror("mute", 2, (_, mirror) => void (mirror.mute = mirror.domain === Domain.Running)),
  ...eachMirror("unmute", 4, (_, mirror) => void (mirror.mute = false)),
  ...each("power cut", 4, hostDies),
  ...each("power back", 10, (world, index) => void (world.hosts[index].up = true)),

  ...eachMirror("disk errors", 4, detached),
  ...eachMirror(
    "drbdadm attach",
    7,
    (world, mirror) => void (mirror.domain === Domain.Running && attach(world, mirror)),
  ),
  ...eachMirror("disk hangs", 4, hangs),
  ...eachMirror("disk answers again", 5, (world, mirror) => void (mirror.hanging && answer(world, mirror))),
  ...eachMirror("disk lost", 1, diskLost),
  ...eachMirror("marks disk errors", 2, marksFail),
  ...eachMirror("marks disk works", 3, (_, mirror) => void (mirror.marksBroken = false)),
  ...eachMirror("pool not mounted", 2, poolLost),
  ...eachMirror("pool mounted", 3, poolMounted),
  ...one("power cut at both, and the pools are not mounted", 3, (world) => {
    for (const mirror of world.mirrors) {
      hostDies(world, mirror.index);
      world.hosts[mirror.index].up = true;
      poolLost(world, mirror);
    }
  }),
  ...eachMirror("drbdadm disconnect", 2, disconnectedByHand),

  ...typed("failover", 16, (world) => () => failover(world, "nothing")),
  ...typed("failover with the words", 7, (world) => () => failover(world, "printed")),
  ...typed("failover with the last copy's words", 2, (world) => () => failover(world, "last copy")),
  ...sides.flatMap((to) => typed(`switch to ${mirrorName(to)}`, 10, (world) => () => switchTo(world, to))),
  ...sides.flatMap((index) => typed(`maintain ${mirrorName(index)}`, 3, (world) => () => maintain(world, index))),
  ...typed("recover", 7, (world) => () => recover(world, undefined, false)),
  ...sides.flatMap((keep) =>
    typed(`recover, keep ${mirrorName(keep)}, with the words`, 4, (world) => () => recover(world, keep, true)),
  ),
  ...sides.flatMap((keep) =>
    typed(`recover, keep ${mirrorName(keep)}`, 2, (world) => () => recover(world, keep, false)),
  ),
  ...typed("pulumi up", 12, (world) => () => up(world, false)),
  ...typed("pulumi up --refresh", 4, (world) => () => up(world, true)),
  ...each("active in the stack file becomes kvm", 8, (world, index) => void (world.active = index)),
  ...sides.flatMap((to) => typed(`client to ${hostName(to)}`, 4, (world) => () => moveClient(world, to, "nothing"))),
  ...sides.flatMap((to) =>
    typed(`client to ${hostName(to)} with the words`, 2, (world) => () => moveClient(world, to, "printed")),
  ),
  ...typed("client resume", 5, (world) => () => resumeClient(world)),
  ...each("the client is started on kvm", 12, (world, index) => void startCopy(world, index)),
  ...each("the client shuts down on kvm", 3, (world, index) => void shutdownCopy(world, index)),
  ...each(
    "the client gives up waiting on kvm",
    3,
    (world, index) => void (world.copies[index].on && route(world, index) < 0 && (world.copies[index].paused = true)),
  ),
  ...each("the client is destroyed on kvm", 1, endCopy),
  ...sides.flatMap((index) =>
    typed(`recover, roll ${mirrorName(index)} back, with the words`, 4, (world) => () => rollBack(world, index)),
  ),
];

function standsStill(world: World, mirror: Mirror, how: number): void {
  // libvirt does not get a machine saved whose disk hangs.
  if (mirror.domain !== Domain.Running || (how === Domain.Saved && mirror.hanging)) return;
  lastSign(world, mirror);
  mirror.domain = how;
}

function marksFail(world: World, mirror: Mirror): void {
  lastSign(world, mirror);
  mirror.marksBroken = true;
}

function migrated(world: World, mirror: Mirror): void {
  if (mirror.domain === Domain.Running && !mirror.hanging) leave(world, mirror);
}

/** Its own host keeps what it had until now. */
function leave(world: World, mirror: Mirror): void {
  if (mirror.moved) return;
  lastSign(world, mirror);
  mirror.moved = true;
  mirror.leftMark = mirror.mark;
}

/** That takes a while: more than clocks differ. */
function copiedAway(world: World, mirror: Mirror): void {
  if (mirror.moved || mirror.unmounted || !world.hosts[mirror.index].up || world.command?.off === mirror.index) return;
  shutDown(world, mirror);
  if (mirror.domain !== Domain.Off) return;
  leave(world, mirror);
  mirror.unseen = true;
  world.now += 600;
  world.say(`${mirrorName(mirror.index)} is copied to another KVM host, and started there`);
  start(world, mirror);
}

function movedBack(world: World, mirror: Mirror): void {
  if (mirror.domain === Domain.Running && world.hosts[mirror.index].up) mirror.moved = mirror.unseen = false;
}

function crashed(world: World, mirror: Mirror): void {
  if (mirror.domain !== Domain.Off && mirror.domain !== Domain.Saved) crash(world, mirror);
}

/** The plug is pulled while a write is on one of the disks. */
function halfWritten(world: World, mirror: Mirror, onPeer: boolean): void {
  const peer = world.mirrors[other(mirror.index)];
  if (
    mirror.domain !== Domain.Running ||
    mirror.role !== Role.Primary ||
    !mirror.serving ||
    mirror.conn !== Conn.Connected ||
    peer.conn !== Conn.Connected ||
    world.pending
  )
    return;
  if (mirror.own !== Disk.UpToDate || peer.own !== Disk.UpToDate || !world.replication) return;
  const host = world.copies.findIndex(
    (copy, index) => copy.on && !copy.paused && copy.session === mirror.index && hostAnswersAtAll(world, index),
  );
  if (host < 0) return;
  world.pending = { mirror: -1, host, block: 0, id: ++world.writes };
  (onPeer ? peer : mirror).disk.data[0] = world.pending.id;
  world.say(`write ${world.pending.id} has reached ${mirrorName((onPeer ? peer : mirror).index)} alone`);
  crash(world, mirror);
}
const hostAnswersAtAll = (world: World, index: number): boolean => world.hosts[index === 0 ? 0 : 1].up;

/**
 * `virsh shutdown`: systemd stops the group's unit, which stays enabled, then DRBD. A volume
 * whose I/O stands still is not let go, and the power goes in the end.
 */
function shutDown(world: World, mirror: Mirror): void {
  if (mirror.domain !== Domain.Running || world.pending?.mirror === mirror.index) return;
  const { enabled } = mirror;
  if (mirror.conn >= Conn.Connected && broken(world, mirror)) loseConnection(world, mirror);
  if (!(mirror.inflight !== 0 && suspended(mirror))) groupStop(world, mirror);
  crash(world, mirror);
  mirror.enabled = enabled;
}

/** The same disk each time: where both fail in turn, DRBD itself takes an old copy for good (README.md). */
function detached(world: World, mirror: Mirror): void {
  if (world.diskLost || world.failingDisk === other(mirror.index) || world.mirrors[other(mirror.index)].unmounted)
    return;
  if (mirror.domain === Domain.Running && mirror.own >= Disk.Inconsistent && mirror.inflight === 0 && !mirror.hanging) {
    world.failingDisk = mirror.index;
    detach(world, mirror);
  }
}

function hangs(world: World, mirror: Mirror): void {
  if (mirror.domain === Domain.Running && mirror.own >= Disk.Inconsistent && !mirror.moved) hang(world, mirror);
}

/** For good, and only where the other copy is whole: two lost disks are no product's fault. */
function diskLost(world: World, mirror: Mirror): void {
  const peer = world.mirrors[other(mirror.index)];
  const whole =
    mirror.conn === Conn.Connected &&
    peer.conn === Conn.Connected &&
    mirror.own === Disk.UpToDate &&
    peer.own === Disk.UpToDate;
  if (
    !whole ||
    world.mirrors.some(({ disk, unmounted, hanging }) => !disk.present || unmounted || hanging) ||
    world.diskLost ||
    world.failingDisk !== undefined
  )
    return;
  if (mirror.domain !== Domain.Running || peer.domain !== Domain.Running || !world.replication) return;
  world.diskLost = true;
  detach(world, mirror);
  mirror.disk = { ...platter(0), present: false };
  world.say(`the disk of ${mirrorName(mirror.index)} is lost for good`);
}

/** After a power cut the pool of a host is not mounted: its disks are not to be seen, and not lost. */
function poolLost(world: World, mirror: Mirror): void {
  if (
    mirror.domain !== Domain.Off ||
    mirror.moved ||
    mirror.unmounted ||
    !mirror.disk.present ||
    !hostAnswers(world, mirror.index)
  )
    return;
  mirror.unmounted = { disk: mirror.disk, mark: mirror.mark, enabled: mirror.enabled };
  mirror.disk = { ...platter(0), present: false };
  world.say(`the pool of ${hostName(mirror.index)} is not mounted`);
}

function disconnectedByHand(world: World, mirror: Mirror): void {
  if (mirror.domain !== Domain.Running || mirror.conn < Conn.WFConnection) return;
  if (mirror.conn >= Conn.Connected) loseConnection(world, mirror);
  mirror.conn = Conn.StandAlone;
  world.say(`${mirrorName(mirror.index)} is StandAlone`);
}

/** A whole KVM host loses its power. */
function hostDies(world: World, index: 0 | 1): void {
  const host = world.hosts[index];
  if (!host.up) return;
  const mirror = world.mirrors[index];
  const wasSaved = mirror.domain === Domain.Saved;
  if (!wasSaved && !mirror.moved) crash(world, mirror);
  endCopy(world, index);
  host.up = false;
  world.say(`${hostName(index)} loses its power`);
}
