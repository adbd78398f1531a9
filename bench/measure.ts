import { primaryOf } from "../harness/drbd.ts";
import { type Context, within } from "./context.ts";
import { type Measured, parseFio } from "./fio.ts";
import { fillCommand, jobCommand, stopCommand } from "./jobCommand.ts";
import { isRead } from "./loads.ts";
import type { Job } from "./order.ts";
import type { Spot } from "./spot.ts";
import { Refused } from "../src/refused.ts";

/** @throws Refused with the command that installs fio, where a machine has none */
export async function needFio(context: Context, place: Spot["place"]): Promise<void> {
  // `command -v` fails where there is none: no reason to throw with ssh's words.
  if ((await within(context, place, "command -v fio || echo none")).trim() !== "none") return;
  const { clients, mirrors } = context.system.inventory;
  const ssh = (place.kind === "client" ? clients : mirrors).find(({ name }) => name === place.name)?.ssh;
  throw new Refused(
    `${place.name} has no fio, with which bench measures. Install it there: ` +
      `ssh ${ssh?.target ?? place.name} sudo apt-get install --yes fio`,
  );
}

/** Runs a load on a spot once. Before a read the page cache of the mirrors is emptied: they would answer from it. */
export async function measure(context: Context, { spot, load }: Job, region: number, seed: number): Promise<Measured> {
  const { seconds } = context.options;
  if (isRead(load)) await emptyCaches(context);
  const text = await within(
    context,
    spot.place,
    jobCommand(spot.target, load, { seconds, region, seed }),
    deadline(seconds),
  );
  return parseFio(text, load);
}

/** Writes the region of a spot once. */
export async function fill(context: Context, spot: Spot, region: number): Promise<void> {
  context.say(`${spot.title}: writing ${Math.round(region / 2 ** 20)} MiB once`);
  await within(context, spot.place, fillCommand(spot.target, region), 1800);
}

/** Ends what fio does in some machines, of this run or of one that was killed. */
export async function stopJobs(context: Context, places: readonly Spot["place"][]): Promise<void> {
  await Promise.all(places.map((place) => within(context, place, stopCommand, 30)));
}

/** fio waits for the requests that are on their way when its time is over; a mirror may be lost meanwhile. */
const deadline = (seconds: number): number => seconds + 300;

/** ZFS has its own cache, which goes with the slabs. */
async function emptyCaches(context: Context): Promise<void> {
  const { mirrors } = context.system.inventory;
  await Promise.all(
    mirrors.map(({ name }) => within(context, { kind: "mirror", name }, "sync; echo 3 >/proc/sys/vm/drop_caches")),
  );
}

/** The mirror that serves a volume. @throws Refused when none does */
export async function serving({ system }: Context, volume: string): Promise<string> {
  const primary = await primaryOf(system, volume);
  if (primary === undefined)
    throw new Refused(`no mirror says that it is Primary of ${volume}: kvm-mirror status says why`);
  return primary;
}
