/** Disk images that OS disks are copied from, fetched by the KVM host itself. */
import { z } from "zod";
import type { Call, ResourceKind } from "../serving/resource.ts";
import type { ProviderConfig } from "./config.ts";
import type { Host } from "./host/host.ts";
import type { Hosts } from "./host/hosts.ts";
import { objectName, poolAndName } from "./names.ts";
import { ownerOf, refusal, sameOwner } from "./owner.ts";
import type { Owner } from "./owner.ts";
import { deleteFile } from "./pool/deleteFile.ts";
import { formatMark, inspectFile, markLines, parseOwner } from "./pool/poolFile.ts";
import { directoryPool, pathIn } from "./pool/pools.ts";
import type { Pool } from "./pool/pools.ts";

const location = z
  .string()
  .regex(/^(https:\/\/[^\s]+|\/[^\n]*[^/\n])$/, "an https URL or an absolute path on the KVM host");

const inputs = z.strictObject({
  pool: objectName.meta({
    replace: true,
    description: "Active storage pool of the host that keeps its volumes as files. Cannot change in place.",
  }),
  name: objectName.meta({ replace: true, description: "Name of the file in the pool. Cannot change in place." }),
  source: location.describe("https URL, or absolute path on the KVM host. The host itself fetches it."),
  checksum: z
    .string()
    .regex(
      /^(sha256:[0-9a-fA-F]{64}|sha256sums:(https:\/\/\S+|\/.+))$/,
      "sha256:<64 hex digits> or sha256sums:<https URL or absolute path>",
    )
    .describe(
      "`sha256:<hex>`, or `sha256sums:<https URL or path>`: a list as `sha256sum` writes it, which has the base name " +
        "of `source`.",
    ),
  format: z.enum(["qcow2", "raw"]).meta({
    replace: true,
    description: "Format of the image; one that refers to another file is refused. Cannot change in place.",
  }),
});

const outputs = z.strictObject({ path: z.string(), sha256: z.string().describe("Hexadecimal."), mark: z.string() });

export type ImageInputs = z.output<typeof inputs>;

export type ImageState = ImageInputs & Readonly<z.output<typeof outputs>>;

export function image(hosts: Hosts): ResourceKind<ProviderConfig, ImageInputs, ImageState> {
  /** Gives the sha256. */
  const fetchImage = async (
    host: Host,
    pool: Pool,
    wanted: ImageInputs,
    owner: Owner,
    mode: "new" | "replace",
    call: Call,
  ): Promise<string> => {
    const output = await host.run({
      script: "fetch-image",
      args: [pool.name, pool.dir, wanted.name, wanted.format, wanted.source, wanted.checksum, mode],
      document: markLines(owner),
      signal: call.signal,
      deadline: 0,
      onStatus: (line) => void call.status(line),
    });
    return output.trim();
  };

  return {
    token: "libvirt:index:Image",
    description:
      "A disk image in a pool, to copy volumes from. It has its name only once it is complete and its checksum was " +
      "right; a new source or checksum takes its place at once, and volumes made from the old one stay as they are. " +
      "Import id: `pool/name`.",
    inputs,
    outputs,

    preview(news, olds) {
      const told = /^sha256:(.*)$/.exec(news.checksum ?? "")?.[1]?.toLowerCase();
      const same = olds && olds.checksum === news.checksum && olds.source === news.source;
      return { sha256: told ?? (same ? olds.sha256 : undefined) };
    },

    async create(config, wanted, call) {
      const host = hosts.of(config);
      const owner = ownerOf(config, call.urn);
      const pool = await directoryPool(host, wanted.pool, call.signal);
      const found = await inspectFile(host, pool, wanted.name, call);
      // A file without a mark may be the same image: then its checksum tells, and fetch-image refuses any other.
      if (found?.mark && !sameOwner(found.mark.owner, owner)) {
        throw new Error(
          refusal(
            `image ${wanted.pool}/${wanted.name} on ${host.name}`,
            found.mark.owner,
            "Image",
            `${wanted.pool}/${wanted.name}`,
          ),
        );
      }
      const sha256 = await fetchImage(host, pool, wanted, owner, found?.mark ? "replace" : "new", call);
      return {
        id: `${wanted.pool}/${wanted.name}`,
        state: { ...wanted, path: pathIn(pool, wanted.name), sha256, mark: formatMark(owner) },
      };
    },

    async read(config, id, call, known) {
      const host = hosts.of(config);
      const { pool: poolName, name } = poolAndName(id);
      const pool = await directoryPool(host, poolName, call.signal);
      // Reading gigabytes at each refresh would tell nothing new: files
      // appear under their names only when they were checked.
      const file = await inspectFile(host, pool, name, { signal: call.signal, sha256: !known });
      if (!file) return undefined;
      const path = pathIn(pool, name);
      if (known) return { id, inputs: known.inputs, state: { ...known.state, path } };
      const sha256 = file.sha256 ?? "";
      const now: ImageInputs = {
        pool: poolName,
        name,
        source: path,
        checksum: `sha256:${sha256}`,
        format: file.format,
      };
      return {
        id,
        inputs: now,
        state: { ...now, path, sha256, mark: formatMark(file.mark?.owner ?? ownerOf(config, call.urn)) },
      };
    },

    async update(config, _id, olds, news, call) {
      const host = hosts.of(config);
      const pool = await directoryPool(host, news.pool, call.signal);
      const sha256 = await fetchImage(host, pool, news, parseOwner(olds.state.mark), "replace", call);
      return { ...news, path: pathIn(pool, news.name), sha256, mark: olds.state.mark };
    },

    async delete(config, _id, state, call) {
      await deleteFile(hosts.of(config), state, call);
    },
  };
}
