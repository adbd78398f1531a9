/** Disks of guests: OS disks, which are copies of an image, and data disks, which hold what cannot be made again. */
import { z } from "zod";
import type { Call, ResourceKind } from "../serving/resource.ts";
import type { ProviderConfig } from "./config.ts";
import type { Host } from "./host/host.ts";
import type { Hosts } from "./host/hosts.ts";
import { objectName, poolAndName } from "./names.ts";
import { ownerOf, refusal, sameOwner } from "./owner.ts";
import { deleteFile } from "./pool/deleteFile.ts";
import { formatMark, inspectFile, madeBefore, markLines, parseOwner } from "./pool/poolFile.ts";
import type { PoolFile } from "./pool/poolFile.ts";
import { directoryPool, pathIn } from "./pool/pools.ts";
import type { Pool } from "./pool/pools.ts";
import { volumeRules } from "./volumeRules.ts";

const inputs = z.strictObject({
  pool: objectName.meta({
    replace: true,
    description: "Active storage pool of the host that keeps its volumes as files.",
  }),
  name: objectName.meta({ replace: true, description: "Name of the file in the pool." }),
  capacity: z
    .int()
    .positive()
    .multipleOf(512)
    .describe(
      "Bytes that the guest sees, a multiple of 512. A larger number grows the volume in place, under a running " +
        "domain too; a smaller one is an error.",
    ),
  format: z.enum(["qcow2", "raw"]).meta({ replace: true }),
  source: z.strictObject({ volume: objectName }).optional().meta({
    replace: true,
    description: "Copied in full from this volume or image of the same pool. Left out: an empty data disk.",
  }),
  preallocate: z
    .boolean()
    .optional()
    .describe(
      "Of a raw volume: true takes all of its space on the host's disk when it is made and when it grows, and is an " +
        "error where there is not enough. Left out: space is taken as it is written, and a pool may promise more " +
        "than it has. Set later, it allocates what is missing; taken away later, it changes nothing.",
    ),
  generation: z
    .int()
    .positive()
    .optional()
    .describe(
      "Of a data disk: which one it is, counted from 1. A data disk that is missing is never made anew under the " +
        "same number, and so never by mistake (a pool that is not mounted); counting up says that it is lost for " +
        "good. One that is there stays as it is.",
    ),
});

const outputs = z.strictObject({
  path: z.string(),
  allocation: z.int().describe("Bytes on the host's disk when it was last looked at."),
  identity: z
    .string()
    .describe("Stays while the file stays, grown or not; another file under the same name has another one."),
  mark: z.string(),
});

export type VolumeInputs = z.output<typeof inputs>;

export type VolumeState = VolumeInputs & Readonly<z.output<typeof outputs>>;

export function volume(hosts: Hosts): ResourceKind<ProviderConfig, VolumeInputs, VolumeState> {
  const make = async (host: Host, pool: Pool, wanted: VolumeInputs, mark: string, call: Call): Promise<void> => {
    const source = wanted.source?.volume;
    const sourceFile = source === undefined ? undefined : await inspectFile(host, pool, source, call);
    if (source !== undefined && !sourceFile)
      throw new Error(`${host.name}: the source ${wanted.pool}/${source} is not there`);
    await host.run({
      script: "make-volume",
      args: [
        pool.name,
        pool.dir,
        wanted.name,
        wanted.format,
        String(wanted.capacity),
        wanted.preallocate ? "full" : "thin",
        ...(source !== undefined && sourceFile ? [source, sourceFile.format] : []),
      ],
      document: mark,
      signal: call.signal,
      deadline: 0,
      onStatus: (line) => void call.status(line),
    });
    if (isDataDisk(wanted)) await recordMade(host, pool, wanted, mark, call);
  };

  /** Beside the pool, on the host: it outlasts the file, the pool's file system and the state. */
  const recordMade = async (host: Host, pool: Pool, wanted: VolumeInputs, mark: string, call: Call): Promise<void> => {
    await host.run({
      script: "record-made",
      args: [pool.name, pool.dir, wanted.name, String(generationOf(wanted))],
      document: mark,
      signal: call.signal,
    });
  };

  /** Space on disk for all of it, when that is asked for. What exists only gains by it. */
  const allocate = async (host: Host, pool: Pool, wanted: VolumeInputs, call: Call): Promise<void> => {
    if (!wanted.preallocate) return;
    const args = [pool.name, pool.dir, wanted.name, String(wanted.capacity)];
    await host.run({
      script: "allocate-file",
      args,
      signal: call.signal,
      deadline: 0,
      onStatus: (line) => void call.status(line),
    });
  };

  const grow = async (host: Host, pool: Pool, from: number, wanted: VolumeInputs, call: Call): Promise<void> => {
    if (from > wanted.capacity)
      throw new Error(
        `${wanted.pool}/${wanted.name} on ${host.name} has ${from} bytes and never shrinks to ${wanted.capacity}`,
      );
    if (from === wanted.capacity) return;
    // First: a guest must not see space that is not there.
    await allocate(host, pool, wanted, call);
    const args = [pool.name, pool.dir, wanted.name, wanted.format, String(from), String(wanted.capacity)];
    await host.run({
      script: "grow-volume",
      args,
      signal: call.signal,
      deadline: 0,
      onStatus: (line) => void call.status(line),
    });
  };

  const stateOf = async (
    host: Host,
    pool: Pool,
    wanted: VolumeInputs,
    mark: string,
    call: Call,
  ): Promise<VolumeState> => {
    const file = await inspectFile(host, pool, wanted.name, call);
    if (!file) throw new Error(goneWords(host, wanted));
    return { ...wanted, path: pathIn(pool, wanted.name), allocation: file.allocation, identity: file.identity, mark };
  };

  return {
    token: "libvirt:index:Volume",
    description:
      "A disk. One with a `source` can be made again: changing its pool, name, format or source replaces it. One " +
      "without is a data disk: it is never replaced, and asking for that is an error before anything is touched. " +
      "Protect it and retain it on delete where it holds real data. Import id: `pool/name`.",
    inputs,
    outputs,
    check: volumeRules,

    preview(_news, olds) {
      // What takes the place of a lost disk is another one.
      return olds?.capacity === lost ? { identity: undefined, allocation: undefined } : {};
    },

    async create(config, wanted, call) {
      const host = hosts.of(config);
      const owner = ownerOf(config, call.urn);
      const pool = await directoryPool(host, wanted.pool, call.signal);
      const found = await inspectFile(host, pool, wanted.name, call);
      if (found) {
        adoptable(host, found, wanted, sameOwner(found.mark?.owner, owner));
        await grow(host, pool, capacityOf(found, wanted.format), wanted, call);
        await allocate(host, pool, wanted, call);
        if (isDataDisk(wanted)) await recordMade(host, pool, wanted, markLines(owner), call);
      } else {
        if (isDataDisk(wanted))
          refuseToRemake(host, pool, wanted, await madeBefore(host, pool, wanted.name, call.signal));
        await make(host, pool, wanted, markLines(owner), call);
      }
      return { id: `${wanted.pool}/${wanted.name}`, state: await stateOf(host, pool, wanted, formatMark(owner), call) };
    },

    async read(config, id, call, known) {
      const host = hosts.of(config);
      const { pool: poolName, name } = poolAndName(id);
      const pool = await directoryPool(host, poolName, call.signal);
      const file = await inspectFile(host, pool, name, call);
      if (!file && known && isDataDisk(known.inputs)) {
        // Dropped from the state, it would be made anew, empty. A capacity of
        // nothing is drift: the next `up` has to decide.
        await call.log("warning", lostWords(host, pool, known.inputs));
        return { id, inputs: { ...known.inputs, capacity: lost }, state: { ...known.state, capacity: lost } };
      }
      if (!file) return undefined;
      const format = known?.inputs.format === "raw" ? "raw" : file.format;
      const now: VolumeInputs = {
        pool: poolName,
        name,
        capacity: capacityOf(file, format),
        format,
        ...(known?.inputs.source ? { source: known.inputs.source } : {}),
      };
      // Space that was given back behind our back is drift: the next `up` allocates it again.
      if (known?.inputs.preallocate && file.allocation >= file.size) Object.assign(now, { preallocate: true });
      if (known?.inputs.generation !== undefined) Object.assign(now, { generation: known.inputs.generation });
      const mark =
        known?.state.mark ?? (file.mark ? formatMark(file.mark.owner) : formatMark(ownerOf(config, call.urn)));
      return {
        id,
        inputs: now,
        state: { ...now, path: pathIn(pool, name), allocation: file.allocation, identity: file.identity, mark },
      };
    },

    async update(config, _id, olds, news, call) {
      const host = hosts.of(config);
      const pool = await directoryPool(host, news.pool, call.signal);
      const file = await inspectFile(host, pool, news.name, call);
      const mark = markLines(parseOwner(olds.state.mark));
      if (!file) {
        if (!isDataDisk(news)) throw new Error(goneWords(host, news));
        const made = Math.max(generationOf(olds.state), (await madeBefore(host, pool, news.name, call.signal)) ?? 0);
        refuseToRemake(host, pool, news, made);
        await make(host, pool, news, mark, call);
        return stateOf(host, pool, news, olds.state.mark, call);
      }
      if (isDataDisk(news)) await recordMade(host, pool, news, mark, call);
      await grow(host, pool, capacityOf(file, news.format), news, call);
      await allocate(host, pool, news, call);
      return stateOf(host, pool, news, olds.state.mark, call);
    },

    async delete(config, _id, state, call) {
      await deleteFile(hosts.of(config), state, call);
    },
  };

  function adoptable(host: Host, found: PoolFile, wanted: VolumeInputs, ours: boolean): void {
    const what = `volume ${wanted.pool}/${wanted.name} on ${host.name}`;
    if (!ours) throw new Error(refusal(what, found.mark?.owner, "Volume", `${wanted.pool}/${wanted.name}`));
    const capacity = capacityOf(found, wanted.format);
    if (wanted.format === "qcow2" && found.format !== "qcow2")
      throw new Error(`${what} exists in format ${found.format}, wanted is ${wanted.format}: left alone`);
    if (capacity > wanted.capacity)
      throw new Error(`${what} exists with ${capacity} bytes and never shrinks to ${wanted.capacity}: left alone`);
  }
}

/** The capacity, in a state, of a data disk that is not in its pool. */
const lost = 0;

const isDataDisk = ({ source }: Pick<VolumeInputs, "source">): boolean => source === undefined;

const generationOf = ({ generation = 1 }: Pick<VolumeInputs, "generation">): number => generation;

const goneWords = (host: Host, { pool, name }: VolumeInputs): string =>
  `${pool}/${name} is gone from ${host.name}: run pulumi refresh, then up again`;

/**
 * @throws when a disk of this generation, or a later one, was made: only the
 * operator knows that it is lost for good, and not just out of sight.
 */
function refuseToRemake(host: Host, pool: Pool, wanted: VolumeInputs, made: number | undefined): void {
  if (made !== undefined && made >= generationOf(wanted)) throw new Error(lostWords(host, pool, wanted));
}

function lostWords(host: Host, pool: Pool, { pool: poolName, name }: VolumeInputs): string {
  return (
    `data disk ${poolName}/${name} was made on ${host.name} before and is not in ${pool.dir} now; ` +
    "an empty one in its place would stand for its data, so none is made. " +
    `Is the pool's file system mounted there (findmnt -T ${pool.dir})? Mount it, virsh ` +
    `pool-refresh ${poolName}, and run pulumi up --refresh again. ` +
    "Only if the disk is lost for good, count up its generation: newDisks of the " +
    "volume in the stack file (docs/runbooks/replace-a-mirror.md)"
  );
}

/** Of a raw volume every byte is the guest's, also those that look like the header of another format. */
function capacityOf(file: PoolFile, format: "qcow2" | "raw"): number {
  return format === "raw" ? file.size : file.virtualSize;
}
