import type { Inventory, InventoryVolume } from "../../inventory/inventory.ts";
import { bringBack } from "../decide/bringBack.ts";
import { messageOf } from "../../../plugins/serving/messageOf.ts";
import type { RecoveryStep } from "../decide/decideRecovery.ts";
import type { RollBack } from "../decide/decideRollBack.ts";
import { type Copy, diagnoseVolume, hasDisk } from "../decide/diagnoseVolume.ts";
import { parseGeneration } from "../decide/generation.ts";
import { timeOf } from "../observe/evidence.ts";
import { observe, type Observation } from "../observe/observe.ts";
import { askMirror, changeOnMirror, patient } from "../remote/runScript.ts";
import { mirrorNamed } from "../stack/named.ts";
import { type Step, waitFor } from "./steps.ts";

export interface RecoveryArgs {
  readonly inventory: Inventory;
  readonly volume: InventoryVolume;
  readonly say: (line: string) => void;
}

/** What was decided, as steps. Each is safe to run twice. */
export function recoverySteps(args: RecoveryArgs, decided: readonly RecoveryStep[]): readonly Step[] {
  return decided.map((step) => ({ title: titleOf(step, args.volume), run: () => carryOutOne(step, args) }));
}

/** A copy goes back to its snapshot. LVM copies back what was overwritten: as long as that took. */
export function rollBackStep({ inventory, volume, say }: RecoveryArgs, { mirror, made }: RollBack): Step {
  return {
    title: `${mirror} rolls its copy of ${volume.name} back to ${timeOf(made)}`,
    run: async () => {
      await changeOnMirror(mirrorNamed(inventory, mirror), 24 * 3600, "roll-back.sh", volume.name, String(made));
      say(`  the copy of ${mirror} is Outdated now; kvm-mirror failover all says what serving it means`);
    },
  };
}

/** Both copies of a volume, as their mirrors show them. @throws when one cannot be asked */
export async function bothCopies(
  inventory: Inventory,
  volume: InventoryVolume,
  seen: Observation,
): Promise<readonly [Copy, Copy]> {
  const copies = await Promise.all(inventory.mirrors.map(({ name }) => copyOn(inventory, volume, seen, name)));
  const [first, second] = copies;
  if (!first || !second || copies.length !== 2)
    throw new Error(`stack ${inventory.stack} has ${copies.length} mirrors; two are needed`);
  return [first, second];
}

async function copyOn(inventory: Inventory, volume: InventoryVolume, seen: Observation, mirror: string): Promise<Copy> {
  const found = seen.mirrors.get(mirror);
  if (!found || !("state" in found)) {
    throw new Error(
      `${mirror} cannot be asked (${found?.unreachable ?? "it was not"}): which copy is newer cannot be ` +
        `told without it. ${bringBack(inventory, mirror)}; if its disk is lost, replace it ` +
        "(docs/runbooks/replace-a-mirror.md)",
    );
  }
  const view = found.state.volumes.find(({ name }) => name === volume.name);
  if (!view) throw new Error(`volume ${volume.name} is not configured on ${mirror}: \`pulumi up\``);
  const users = found.state.attached
    .filter((one) => one.volume === volume.name)
    .map((one) => one.initiator ?? one.address);
  const generation = !hasDisk(view)
    ? {}
    : {
        generation: parseGeneration(
          await askMirror(mirrorNamed(inventory, mirror), patient, "volume-generation.sh", volume.name),
        ),
      };
  const { connection, role, disk, peerDisk, syncPercent, outOfSyncKiB } = view;
  const alone = view.alone === null ? {} : { alone: timeOf(view.alone) };
  return { connection, role, disk, peerDisk, syncPercent, outOfSyncKiB, ...generation, ...alone, mirror, users };
}

function titleOf(step: RecoveryStep, volume: InventoryVolume): string {
  switch (step.kind) {
    case "stop group":
      return `${step.mirror} stops serving group ${volume.group}`;
    case "set aside":
      return `${step.mirror} disconnects and copies the blocks of ${volume.name} that differ to a file`;
    case "new metadata":
      return `${step.mirror} takes its new, empty disk for ${volume.name} into use`;
    case "discard and connect":
      return `${step.mirror} waits for its peer, to take the peer's data over its own`;
    case "connect":
      return `${step.mirror} looks for its peer`;
    case "see them connected":
      return "they connect, and what differs is copied";
  }
}

async function carryOutOne(step: RecoveryStep, { inventory, volume, say }: RecoveryArgs): Promise<void> {
  if (step.kind === "see them connected") return seeConnected({ inventory, volume, say });
  const mirror = mirrorNamed(inventory, step.mirror);
  switch (step.kind) {
    case "stop group":
      return void (await changeOnMirror(mirror, 300, "group-stop.sh", volume.group));
    case "set aside":
      return say(`  ${(await changeOnMirror(mirror, 3600, "set-aside.sh", volume.name)).trim()}`);
    case "new metadata":
      return void (await changeOnMirror(mirror, 300, "drbd-create-metadata.sh", volume.name, "--new-disk"));
    case "discard and connect":
      return void (await changeOnMirror(mirror, 120, "reconnect.sh", volume.name, "--discard-my-data"));
    case "connect":
      return void (await changeOnMirror(mirror, 120, "reconnect.sh", volume.name));
  }
}

async function seeConnected({ inventory, volume, say }: RecoveryArgs): Promise<void> {
  let last = "nothing";
  const met = await waitFor(120, async () => {
    try {
      const [first, second] = await bothCopies(inventory, volume, await observe(inventory));
      const { kind } = diagnoseVolume(first, second);
      last = [first, second].map(({ mirror, connection, disk }) => `${mirror} ${connection}, ${disk}`).join("; ");
      // Blocks that verify marked stay marked until they are copied.
      return kind === "whole" || kind === "copying";
    } catch (error) {
      // A mirror that has much to do may be slow to answer; at the end it is said.
      last = messageOf(error);
      return false;
    }
  });
  if (!met)
    throw new Error(
      `after 120 s the copies of ${volume.name} have not come together: ${last}. Run ` +
        `kvm-mirror recover ${volume.name} again; the kernel logs of both mirrors say why`,
    );
  say(`  ${last}; kvm-mirror status shows the rest`);
}
