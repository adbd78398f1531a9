import { decideDrain } from "../../src/operate/decide/decideMaintenance.ts";
import { decideSwitch } from "../../src/operate/decide/decideSwitch.ts";
import { viewGroup } from "../../src/operate/observe/groupSight.ts";
import { demote } from "../drbd/role.ts";
import { groupStop, promoteHere, serve, startable, vipTaken } from "../scripts.ts";
import { answers, groupName, inventoryOf, observe } from "../sight.ts";
import { Conn, Disk, Role } from "../words.ts";
import { type Mirror, type World, mirrorName, other } from "../world.ts";
import type { Steps } from "./command.ts";

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
  const whole = (mirror: Mirror): boolean =>
    mirror.conn === Conn.Connected && mirror.own === Disk.UpToDate && mirror.peerDisk === Disk.UpToDate;
  return [
    () => (answers(world, to) && whole(to) ? undefined : `${mirrorName(to.index)} cannot take it`),
    () => {
      if (!answers(world, from)) return "no answer";
      // group-stop.sh --hand-over
      if (from.mark !== 0 && from.role === Role.Primary && !whole(from)) return "it went on alone";
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
export function startHere(world: World, mirror: Mirror): boolean {
  if (!promoteHere(world, mirror, "no", false)) return false;
  if (!mirror.serving && vipTaken(world, mirror)) {
    demote(world, mirror);
    return false;
  }
  serve(world, mirror);
  return true;
}
