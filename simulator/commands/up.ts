import { settle } from "../background.ts";
import { force } from "../drbd/role.ts";
import { broken } from "../drbd/state.ts";
import { groupStop, start, startable } from "../scripts.ts";
import { answers, hostAnswers } from "../sight.ts";
import { Conn, Disk, justCreated } from "../words.ts";
import { type Mirror, type World, hostName, mirrorName, other, platter } from "../world.ts";
import { shutdownCopy, startCopy } from "./client.ts";
import type { Steps } from "./command.ts";
import { takeNewDisk } from "./recover.ts";
import { startHere } from "./switch.ts";

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

export function metadata(world: World): string | undefined {
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
