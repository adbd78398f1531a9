import { givenUpPhrase } from "../../src/operate/decide/decideNewest.ts";
import { type RecoveryStep, decideRecovery, discardPhrase } from "../../src/operate/decide/decideRecovery.ts";
import { decideRollBack } from "../../src/operate/decide/decideRollBack.ts";
import { type Copy as VolumeCopy, type Diagnosis, diagnoseVolume } from "../../src/operate/decide/diagnoseVolume.ts";
import { indexOf } from "../decisions.ts";
import { attachAlone } from "../drbd/disk.ts";
import { forgive } from "../io.ts";
import { groupStop } from "../scripts.ts";
import { answers, copyOn, inventoryOf, observe, volumeName } from "../sight.ts";
import { Conn, Disk, Role, justCreated } from "../words.ts";
import { type Mirror, type World, copyOf, everyBlock, mirrorName, other, platter } from "../world.ts";
import { insisting, type Steps } from "./command.ts";

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

/** `kvm-mirror recover r0 --roll-back <mirror>`, and again with the phrase that it prints. */
export function rollBack(world: World, index: 0 | 1): Steps {
  const words = { volume: volumeName, mirror: mirrorName(index) };
  const [{ made }] = insisting("printed", (confirmed) =>
    decideRollBack(inventoryOf(world), observe(world), { ...words, confirmed }),
  );
  return [() => rollBackOn(world, world.mirrors[index], made)];
}

/** roll-back.sh: detached, merged and attached under a lock that an interruption does not free. */
function rollBackOn(world: World, mirror: Mirror, made: number): string | undefined {
  const { kept } = mirror.disk;
  if (!answers(world, mirror)) return "no answer";
  if (mirror.hanging) return "the disk does not answer";
  if (mirror.role === Role.Primary || mirror.conn >= Conn.Connected || mirror.own !== Disk.Inconsistent)
    return "refused";
  if (kept?.made !== made) return "it is another snapshot";
  const { dirty } = kept.disk;
  mirror.disk = { ...copyOf(kept.disk), dirty: world.fixes.wholeAfterRollBack ? everyBlock : dirty };
  mirror.disk.peerOutdated = mirror.disk.crashedPrimary = false;
  mirror.heard = false;
  mirror.conn = Conn.WFConnection;
  attachAlone(world, mirror);
  world.say(`${mirrorName(mirror.index)} has what it had before the synchronisation`);
  return undefined;
}

/** drbd-create-metadata.sh on an empty disk. */
export function takeNewDisk(world: World, mirror: Mirror): string | undefined {
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
