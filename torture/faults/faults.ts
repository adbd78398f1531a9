import type { Random } from "../../harness/random.ts";
import type { Situation } from "../situation.ts";
import type { Fault } from "./fault.ts";
import { destroyBoth, destroyDuringResync, secondFault } from "./combined.ts";
import { diskless, disklessCut, disklessStandby, disklessSwitch, lastDisk } from "./disks.ts";
import { killHost } from "./hosts.ts";
import {
  crashPrimary,
  destroyDuringSwitch,
  destroyPrimary,
  destroyStandby,
  freezeAndThaw,
  freezeBriefly,
  freezePrimary,
  plannedSwitch,
} from "./machines.ts";
import { migrateLive, migrateLiveCut, migrateLiveDestroy, migrateLiveInterrupt } from "./migrations.ts";
import { cutBoth, cutClient, cutReplication, partMirrors } from "./networks.ts";

export const faults: readonly Fault[] = [
  destroyPrimary,
  crashPrimary,
  freezePrimary,
  freezeAndThaw,
  freezeBriefly,
  destroyStandby,
  plannedSwitch,
  destroyDuringSwitch,
  cutReplication,
  cutBoth,
  partMirrors,
  cutClient,
  killHost,
  destroyDuringResync,
  secondFault,
  destroyBoth,
  diskless,
  disklessStandby,
  disklessSwitch,
  disklessCut,
  lastDisk,
  migrateLive,
  migrateLiveDestroy,
  migrateLiveInterrupt,
  migrateLiveCut,
];

/** Faults of these kinds; all when none is named. @throws for a kind that there is not. */
export function faultsOf(kinds: readonly string[]): readonly Fault[] {
  const unknown = kinds.filter((kind) => !faults.some((fault) => fault.kind === kind));
  if (unknown.length > 0)
    throw new Error(`no kind of kill: ${unknown.join(", ")}; there are ${faults.map(({ kind }) => kind).join(", ")}`);
  return kinds.length === 0 ? faults : faults.filter(({ kind }) => kinds.includes(kind));
}

/** @throws when none of them is possible now. */
export function drawFault(random: Random, among: readonly Fault[], situation: Situation): Fault {
  const possible = among.filter((fault) => fault.possible(situation));
  if (possible.length === 0)
    throw new Error(
      `none of ${among.map(({ kind }) => kind).join(", ")} is possible while ${situation.primary} is primary`,
    );
  return random.pick(possible, ({ weight }) => weight);
}
