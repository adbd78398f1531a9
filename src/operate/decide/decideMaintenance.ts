import { type GroupView, volumeWords } from "../observe/groupSight.ts";
import { isWhole } from "../observe/whole.ts";
import { decideSwitch } from "./decideSwitch.ts";
import { inTheWay } from "./leaving.ts";
import { unequal } from "./sameOnBoth.ts";

/**
 * Groups that have to move to the other mirror before this one may be taken down.
 * @throws when the other one could not: it does not answer, or a volume is
 *   not UpToDate there, or here, unless its disk is lost
 */
export function decideDrain(views: readonly GroupView[], other: string): readonly string[] {
  const moving = views.filter((view) => {
    // Even where nothing moves: the other mirror must have good data before this one goes away.
    const decision = decideSwitch(view, other);
    if (decision.kind === "there") refuseUnlessGood(view, other);
    return decision.kind === "move";
  });
  return moving.map(({ group }) => group);
}

function refuseUnlessGood(view: GroupView, other: string): void {
  const obstacle = inTheWay(view, other);
  if (obstacle !== undefined) throw new Error(`group ${view.group}: ${obstacle}`);
}

/**
 * What still keeps a mirror from being back from maintenance; empty when it is back.
 * @throws when waiting does not help, at last also when it has missed a change of the configuration
 */
export function missingAfterMaintenance(views: readonly GroupView[], mirror: string): readonly string[] {
  const missing = stillMissing(views, mirror);
  if (missing.length === 0) refuseUnequal(views, mirror);
  return missing;
}

/** @throws when the mirrors have not the same configuration: this one was away when it changed */
export function refuseUnequal(views: readonly GroupView[], mirror: string): void {
  const differences = views.flatMap(unequal);
  if (differences.length > 0)
    throw new Error(
      `${mirror} is back and UpToDate, but must not take anything over yet, clients would ` +
        `stay outside: ${differences.join("; ")}. Then run this command again`,
    );
}

function stillMissing(views: readonly GroupView[], mirror: string): readonly string[] {
  return views.flatMap(({ group, sights, unreachable }) => {
    const why = unreachable.get(mirror);
    if (why !== undefined) return [`${mirror} does not answer (${why})`];
    return sights
      .filter((sight) => sight.mirror === mirror)
      .flatMap(({ volumes }) => {
        if (volumes.length === 0) return [`group ${group} has no volumes on ${mirror}: \`pulumi up\``];
        const alone = volumes.find(({ connection }) => connection === "StandAlone");
        if (alone)
          throw new Error(
            `volume ${alone.name} is StandAlone on ${mirror}, it does not look ` +
              `for its peer: kvm-mirror recover ${alone.name}`,
          );
        return volumes.filter((volume) => !isWhole(volume)).map((volume) => volumeWords(volume));
      });
  });
}
