import { kernelStep, unitStep } from "./background.ts";
import { endCopy, moveClient, resumeClient, shutdownCopy, startCopy } from "./commands/client.ts";
import { begin, goOn } from "./commands/command.ts";
import { failover } from "./commands/failover.ts";
import { recover, rollBack } from "./commands/recover.ts";
import { maintain, switchTo } from "./commands/switch.ts";
import { up } from "./commands/up.ts";
import { answer, attach } from "./drbd/disk.ts";
import {
  copiedAway,
  crashed,
  detached,
  disconnectedByHand,
  diskLost,
  halfWritten,
  hangs,
  hostDies,
  marksFail,
  migrated,
  movedBack,
  poolLost,
  shutDown,
  standsStill,
} from "./happenings.ts";
import { route, settlePending, write } from "./io.ts";
import { poolMounted, start } from "./scripts.ts";
import { Domain } from "./words.ts";
import { type Mirror, type World, blocks, hostName, mirrorName } from "./world.ts";

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
