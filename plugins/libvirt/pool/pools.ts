/** Storage pools: only referred to, never made or removed. */
import type { Host } from "../host/host.ts";
import { attribute, find, parseXml, textOf } from "../xml/dom.ts";

export interface Pool {
  readonly name: string;
  /** Directory of its files. */
  readonly dir: string;
}

/** Pool types whose volumes are files in one directory. */
const directoryTypes = ["dir", "fs", "netfs"];

interface FoundPool extends Pool {
  readonly type: string;
  readonly active: boolean;
}

const known = new WeakMap<Host, Promise<readonly FoundPool[]>>();

/** The pools of a host that hold files; asked for once in the life of this process. */
export async function directoryPools(host: Host, signal: AbortSignal): Promise<readonly Pool[]> {
  return (await pools(host, signal)).filter((pool) => directoryTypes.includes(pool.type));
}

/** A pool by name; it must be active and hold its volumes as files. */
export async function directoryPool(host: Host, name: string, signal: AbortSignal): Promise<Pool> {
  const all = await pools(host, signal);
  const pool = all.find((candidate) => candidate.name === name);
  const problem = (text: string) => {
    // Whoever mends the pool expects the next try to see it.
    known.delete(host);
    return new Error(`${host.name}: ${text}`);
  };
  if (!pool)
    throw problem(`there is no storage pool ${name}; pools here: ${all.map((each) => each.name).join(", ") || "none"}`);
  if (!pool.active) throw problem(`storage pool ${name} is not active: virsh pool-start ${name}`);
  if (!directoryTypes.includes(pool.type))
    throw problem(`storage pool ${name} is of type ${pool.type}; supported are ${directoryTypes.join(", ")}`);
  return pool;
}

function pools(host: Host, signal: AbortSignal): Promise<readonly FoundPool[]> {
  let found = known.get(host);
  if (!found) {
    found = host.run({ script: "pools", signal }).then(parsePools);
    known.set(host, found);
    found.catch(() => known.delete(host));
  }
  return found;
}

/** Output of the script `pools`. */
export function parsePools(output: string): readonly FoundPool[] {
  const [active = "", ...documents] = output.split("\0");
  // Some versions of virsh pad the names with spaces.
  const activeNames = active.split("\n").map((line) => line.trim());
  return documents.map((xml) => {
    const root = parseXml(xml, "a storage pool");
    const name = textOf(find(root, "name")) ?? "";
    return {
      name,
      dir: textOf(find(root, "target", "path")) ?? "",
      type: attribute(root, "type") ?? "",
      active: activeNames.includes(name),
    };
  });
}

export function pathIn(pool: Pool, name: string): string {
  return `${pool.dir}/${name}`;
}
