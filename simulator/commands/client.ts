import { decideMove } from "../../src/operate/decide/clientMove.ts";
import { pausedOn } from "../../src/operate/decide/clientResume.ts";
import { endSessions, openExport } from "../io.ts";
import { answers, clientName, findClient, hostAnswers, inventoryOf } from "../sight.ts";
import { Domain } from "../words.ts";
import { type Mirror, type World, hostName, other } from "../world.ts";
import { type Steps, type Typed, insisting } from "./command.ts";
import { up } from "./up.ts";

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
    () => {
      world.active = to;
      // From now on it may be started there, also by somebody else.
      if (world.copies[from].on) world.twoCopiesAgreed = true;
      return undefined;
    },
    ...mirrors.map((mirror) => () => admitAfterDeath(world, mirror, to)),
    () => {
      if (!hostAnswers(world, to)) return "no answer";
      return startCopy(world, to);
    },
  ];
}

/** group-configure.sh, told that the other host is off: one that has the volume open all the same is not shut out. */
function admitAfterDeath(world: World, mirror: Mirror, to: 0 | 1): string | undefined {
  if (!answers(world, mirror)) return "no answer";
  if (mirror.serving && world.copies[other(to)].session === mirror.index)
    return `${hostName(other(to))} has the volume open`;
  mirror.admits = 1 << to;
  return undefined;
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
      if (!hostAnswers(world, index) || !world.copies[index].on) return "it is not paused there";
      if (openExport(world, index) < 0) return "the export cannot be opened";
      world.copies[index].paused = false;
      return undefined;
    },
  ];
}
