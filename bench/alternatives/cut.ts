import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { awaitWhole } from "../../harness/drbd.ts";
import { messageOf } from "../../plugins/serving/messageOf.ts";
import { shellWord } from "../../plugins/serving/shell.ts";
import type { InventoryVolume } from "../../src/inventory/inventory.ts";
import { cut } from "../../torture/faults/networks.ts";
import { blockSize } from "../../torture/oracle/block.ts";
import { checkImage } from "../../torture/oracle/check.ts";
import { Oracle } from "../../torture/oracle/oracle.ts";
import { type Context, within } from "../context.ts";
import { findDisk } from "../jobCommand.ts";
import type { Report } from "../report/report.ts";
import { endServers } from "../scratch.ts";
import type { Spot } from "../spot.ts";
import { alternativesCommand, type Half } from "./commands.ts";

type Cut = Report["cuts"][number];

const writer = readFileSync(new URL("../../torture/guest/writer.py", import.meta.url), "utf8");
const writerPath = "/run/kvm-mirror-bench-alternatives/writer.py";
/** Blocks of each of the writer's three lanes; it leaves the first MiB alone, as every load does. */
const blocks = 512;
const first = 2 ** 20 / blockSize;
/** Seconds until both copies are there again; then it is said that they are not. */
const patience = 300;

/**
 * Cuts the replication network under each of the spots, one after the other, while torture's writer writes there. When
 * both copies are there again, the writer ends, the primary lets go, and the other mirror's copy is
 * compared with what was acknowledged.
 */
export async function cutEach(
  context: Context,
  spots: readonly Spot[],
  upper: Half,
  lower: Half,
  volume: InventoryVolume,
  standbyHost: string,
): Promise<Cut[]> {
  const folder = mkdtempSync(join(tmpdir(), "kvm-mirror-bench-"));
  const cuts: Cut[] = [];
  try {
    await within(context, upper.place, `printf %s ${shellWord(writer)} >${writerPath}`);
    for (const spot of spots) {
      if (!context.wanted()) break;
      const oracle = new Oracle(writerLine(context, spot, cuts.length + 1), join(folder, `${spot.name}.oracle`));
      try {
        cuts.push(await cutOnce(context, spot, oracle, cuts.length + 1, { upper, lower, volume, standbyHost }));
      } catch (error) {
        if (!context.wanted()) break;
        cuts.push(untold(context, spot, oracle, messageOf(error)));
      } finally {
        oracle.abandon();
      }
      context.say(`${spot.title}: ${JSON.stringify(cuts.at(-1))}`);
    }
    return cuts;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A cut that came to no end: the other mirror's copy was not compared. */
const untold = ({ options }: Context, { name }: Spot, { history, flushed }: Oracle, words: string): Cut => ({
  spot: name,
  cutSeconds: options.cut,
  stallSeconds: flushed.longest,
  wholeSeconds: null,
  errors: history.errors,
  acknowledged: history.acknowledged,
  compared: 0,
  lost: 0,
  words,
});

async function cutOnce(
  context: Context,
  spot: Spot,
  oracle: Oracle,
  run: number,
  places: { upper: Half; lower: Half; volume: InventoryVolume; standbyHost: string },
): Promise<Cut> {
  const { system, options, say } = context;
  const { upper, lower, volume, standbyHost } = places;
  const ours = spot.name === "drbd";
  await oracle.awaitAcknowledged(3 * blocks, 600);
  say(`${spot.title}: the replication network is cut for ${options.cut} s`);
  oracle.flushed.begin();
  await cut(system, standbyHost, ["cable-repl"], options.cut);
  const { seconds, words } = await wholeAgain(context, spot, upper);
  await oracle.awaitCalm(2, patience, oracle.flushed);
  const { longest } = oracle.flushed;
  await oracle.stop(120);
  let device = `"$(drbdadm sh-ll-dev ${volume.name})"`;
  if (!ours) {
    await within(context, upper.place, alternativesCommand("release", spot.name), 120);
    // A disk that is served cannot be had by its own mirror.
    if (spot.name === "zfs-over-iscsi") await endServers(context);
    device = shellWord((await within(context, lower.place, alternativesCommand("copy", spot.name), 120)).trim());
  }
  const image = await system.bytesFrom(
    "mirror",
    lower.place.name,
    `echo 3 >/proc/sys/vm/drop_caches; dd if=${device} bs=${blockSize} skip=${first} count=${3 * blocks} status=none`,
  );
  const { violations } = checkImage(oracle.history, run, first, image);
  return {
    spot: spot.name,
    cutSeconds: options.cut,
    stallSeconds: longest,
    wholeSeconds: seconds,
    errors: oracle.history.errors,
    acknowledged: oracle.history.acknowledged,
    compared: 3 * blocks,
    lost: violations.length,
    words: [words, ...violations.slice(0, 3).map(({ detail }) => detail)].filter((one) => one !== "").join("; "),
  };
}

/** Seconds until both copies are there again, by themselves; null: they are not. */
async function wholeAgain(
  context: Context,
  { name }: Spot,
  { place }: Half,
): Promise<{ readonly seconds: number | null; readonly words: string }> {
  try {
    if (name === "drbd") return { seconds: await awaitWhole(context.system, patience), words: "" };
    const command = alternativesCommand("await_whole", name, String(patience));
    return { seconds: Number(await within(context, place, command, patience + 60)), words: "" };
  } catch (error) {
    return { seconds: null, words: messageOf(error) };
  }
}

const writerLine = ({ system, options }: Context, { place, target }: Spot, run: number): readonly string[] =>
  system.commandLine(
    "mirror",
    place.name,
    `${findDisk(target)}exec python3 ${writerPath} --device "$disk" --run ${run} --seed ${options.seed} ` +
      `--first ${first} --blocks ${blocks}`,
  );
