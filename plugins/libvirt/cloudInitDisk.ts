/**
 * NoCloud seeds: what cloud-init reads at the first boot of a guest, as a
 * small ISO in a pool, readable by root and QEMU alone.
 */
import { createHash } from "node:crypto";
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

const inputs = z.strictObject({
  pool: objectName.meta({
    replace: true,
    description: "Active storage pool of the host that keeps its volumes as files. Cannot change in place.",
  }),
  name: objectName.meta({ replace: true, description: "Name of the file in the pool. Cannot change in place." }),
  userData: z
    .string()
    .describe(
      "`#cloud-config`, a script or a MIME document; may be secret: it reaches the host on standard input and its " +
        "file is readable by root and QEMU alone.",
    ),
  metaData: z
    .string()
    .describe("YAML with at least `instance-id`. cloud-init runs its once-per-instance parts anew when that changes."),
  networkConfig: z
    .string()
    .default("")
    .describe("Network configuration, version 1 or 2, as YAML. Left out or empty: cloud-init's own default."),
});

const outputs = z.strictObject({
  path: z.string(),
  sha256: z.string().describe("Of the three documents, hexadecimal."),
  mark: z.string(),
});

export type CloudInitDiskInputs = z.output<typeof inputs>;

export type CloudInitDiskState = CloudInitDiskInputs & Readonly<z.output<typeof outputs>>;

/** One number for the three documents. */
export function contentHash(parts: Pick<CloudInitDiskInputs, "userData" | "metaData" | "networkConfig">): string {
  return createHash("sha256")
    .update(JSON.stringify([parts.userData, parts.metaData, parts.networkConfig]))
    .digest("hex");
}

export function cloudInitDisk(hosts: Hosts): ResourceKind<ProviderConfig, CloudInitDiskInputs, CloudInitDiskState> {
  const build = async (
    host: Host,
    pool: Pool,
    wanted: CloudInitDiskInputs,
    owner: Owner,
    mode: "new" | "replace",
    call: Call,
  ): Promise<CloudInitDiskState> => {
    const base64 = (text: string) => Buffer.from(text, "utf8").toString("base64");
    const sha256 = contentHash(wanted);
    await host.run({
      script: "make-seed",
      args: [pool.name, pool.dir, wanted.name, mode],
      document: [
        markLines(owner) + `content=${sha256}`,
        `user-data=${base64(wanted.userData)}`,
        `meta-data=${base64(wanted.metaData)}`,
        `network-config=${base64(wanted.networkConfig)}`,
        "",
      ].join("\n"),
      signal: call.signal,
      deadline: 900,
      onStatus: (line) => void call.status(line),
    });
    return { ...wanted, path: pathIn(pool, wanted.name), sha256, mark: formatMark(owner) };
  };

  return {
    token: "libvirt:index:CloudInitDisk",
    description:
      "A NoCloud seed: an ISO with label `cidata`. A change is written in its place and seen by the guest at its " +
      "next start. Import id: `pool/name`.",
    inputs,
    outputs,

    preview({ userData, metaData, networkConfig }) {
      const known = userData !== undefined && metaData !== undefined && networkConfig !== undefined;
      return { sha256: known ? contentHash({ userData, metaData, networkConfig }) : undefined };
    },

    async create(config, wanted, call) {
      const host = hosts.of(config);
      const owner = ownerOf(config, call.urn);
      const pool = await directoryPool(host, wanted.pool, call.signal);
      const found = await inspectFile(host, pool, wanted.name, call);
      if (found && !sameOwner(found.mark?.owner, owner)) {
        throw new Error(
          refusal(
            `seed ${wanted.pool}/${wanted.name} on ${host.name}`,
            found.mark?.owner,
            "CloudInitDisk",
            `${wanted.pool}/${wanted.name}`,
          ),
        );
      }
      return {
        id: `${wanted.pool}/${wanted.name}`,
        state: await build(host, pool, wanted, owner, found ? "replace" : "new", call),
      };
    },

    async read(config, id, call, known) {
      const host = hosts.of(config);
      const { pool: poolName, name } = poolAndName(id);
      const pool = await directoryPool(host, poolName, call.signal);
      const file = await inspectFile(host, pool, name, { signal: call.signal, sha256: true });
      if (!file) return undefined;
      const path = pathIn(pool, name);
      const intact = known && file.mark?.content === known.state.sha256 && file.mark.sha256 === file.sha256;
      if (intact) return { id, inputs: known.inputs, state: { ...known.state, path } };
      if (known)
        await call.log(
          "warning",
          `seed ${id} on ${host.name} is not what this program wrote: the next up writes it again`,
        );
      // What is in it cannot be said: nothing equals nothing, so that the next `up` writes it.
      const now: CloudInitDiskInputs = { pool: poolName, name, userData: "", metaData: "", networkConfig: "" };
      const mark = known?.state.mark ?? formatMark(file.mark?.owner ?? ownerOf(config, call.urn));
      return { id, inputs: now, state: { ...now, path, sha256: "", mark } };
    },

    async update(config, _id, olds, news, call) {
      const host = hosts.of(config);
      const pool = await directoryPool(host, news.pool, call.signal);
      return build(host, pool, news, parseOwner(olds.state.mark), "replace", call);
    },

    async delete(config, _id, state, call) {
      await deleteFile(hosts.of(config), state, call);
    },
  };
}
