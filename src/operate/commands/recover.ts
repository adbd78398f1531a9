/**
 * `npm run recover -- <volume> [--keep <mirror>] [--confirm "discard what <mirror>
 * wrote to <volume>"] [--without-copy] [--stack lab] [--dry-run]`:
 * explains what keeps a volume's copies apart, and brings them together again; takes
 * a new disk into use. Exit status 1 when it refused or failed.
 */
import { parseArgs } from "node:util";
import type { Inventory, InventoryVolume } from "../../inventory.ts";
import { decideRecovery, type RecoveryStep } from "../decide/decideRecovery.ts";
import { defaultStack } from "./defaultStack.ts";
import { type Copy, diagnoseVolume, hasDisk } from "../decide/diagnoseVolume.ts";
import { explainDiagnosis } from "../tell/explainDiagnosis.ts";
import { parseGeneration } from "../decide/generation.ts";
import { mirrorNamed, volumeNamed } from "../stack/named.ts";
import { timeOf } from "../observe/evidence.ts";
import { observe, type Observation } from "../observe/observe.ts";
import { readInventory } from "../stack/readInventory.ts";
import { runCommand } from "./runCommand.ts";
import { askMirror, changeOnMirror, patient } from "../remote/runScript.ts";
import { carryOut } from "../act/steps.ts";
import { waitFor } from "../act/waitFor.ts";

const usage =
  'usage: npm run recover -- <volume> [--keep <mirror>] [--confirm "discard what <mirror> ' +
  'wrote to <volume>"] [--without-copy] [--stack <name>] [--dry-run]';
const say = (line: string): void => void process.stdout.write(`${line}\n`);

await runCommand("recover", async (args) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      keep: { type: "string" },
      confirm: { type: "string" },
      "without-copy": { type: "boolean", default: false },
      stack: { type: "string", default: defaultStack() },
      "dry-run": { type: "boolean", default: false },
    },
  });
  const [name, ...rest] = positionals;
  if (name === undefined || rest.length > 0) throw new Error(usage);
  const inventory = readInventory(values.stack);
  const volume = volumeNamed(inventory, name);
  const copies = await bothCopies(inventory, volume, await observe(inventory));
  const diagnosis = diagnoseVolume(...copies);
  process.stdout.write(explainDiagnosis(volume.name, copies, diagnosis));
  const decided = decideRecovery(volume.name, copies, diagnosis, {
    keep: values.keep,
    confirm: values.confirm,
    withoutCopy: values["without-copy"],
  });
  const steps = decided.map((step) => ({
    title: titleOf(step, volume),
    run: () => carryOutOne(step, inventory, volume),
  }));
  await carryOut(steps, { dryRun: values["dry-run"], say });
});

async function bothCopies(
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
        "told without it. Bring it back (docs/runbooks); if its disk is lost, replace it",
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

async function carryOutOne(step: RecoveryStep, inventory: Inventory, volume: InventoryVolume): Promise<void> {
  if (step.kind === "see them connected") return seeConnected(inventory, volume);
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

async function seeConnected(inventory: Inventory, volume: InventoryVolume): Promise<void> {
  let last = "nothing";
  const met = await waitFor(120, async () => {
    try {
      const [first, second] = await bothCopies(inventory, volume, await observe(inventory));
      const { kind } = diagnoseVolume(first, second);
      last = `${first.mirror} ${first.connection}, ${first.disk}; ${second.mirror} ${second.connection}, ${second.disk}`;
      // Blocks that verify marked stay marked until they are copied.
      return kind === "whole" || kind === "copying";
    } catch (error) {
      // A mirror that has much to do may be slow to answer; at the end it is said.
      last = error instanceof Error ? error.message : String(error);
      return false;
    }
  });
  if (!met)
    throw new Error(
      `after 120 s the copies of ${volume.name} have not come together: ${last}. Run npm run ` +
        `recover -- ${volume.name} again; the kernel logs of both mirrors say why`,
    );
  say(`  ${last}; npm run status shows the rest`);
}
