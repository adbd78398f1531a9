/** Files of directory pools, as the scripts of this provider see them. */
import type { Host } from "../host/host.ts";
import type { Owner } from "../owner.ts";
import type { Pool } from "./pools.ts";

/** What lies beside a file about who made it. */
export interface Mark {
  readonly owner: Owner;
  /** sha256 of the file when it was made, where that was noted. */
  readonly sha256?: string;
  /** sha256 of what went into it (seeds). */
  readonly content?: string;
}

export interface PoolFile {
  /** Undefined: made by somebody else, or put there by other means. */
  readonly mark: Mark | undefined;
  /** Bytes of the file. */
  readonly size: number;
  /** Bytes it takes on disk. */
  readonly allocation: number;
  readonly format: "qcow2" | "raw";
  /** Bytes that a guest would see if the format is what the header says. */
  readonly virtualSize: number;
  /** When asked for. */
  readonly sha256: string | undefined;
  /** Inode and time of birth: another file under the same name has another one. */
  readonly identity: string;
}

/** Looks at a file; undefined: there is none. */
export async function inspectFile(
  host: Host,
  pool: Pool,
  name: string,
  options: { signal: AbortSignal; sha256?: boolean },
): Promise<PoolFile | undefined> {
  const output = await host.run({
    script: "inspect-file",
    args: [pool.name, pool.dir, name, options.sha256 ? "yes" : "no"],
    signal: options.signal,
    deadline: options.sha256 ? 0 : 120,
  });
  return parseInspection(output);
}

/**
 * The generation of the data disk that was made under this name, whether it is there
 * or not; undefined: none ever was, as far as this host knows.
 */
export async function madeBefore(
  host: Host,
  pool: Pool,
  name: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  return parseMade(
    await host.run({ script: "inspect-file", args: [pool.name, pool.dir, name, "no"], signal, deadline: 120 }),
  );
}

/**
 * Of the output of `inspect-file`: the line `made=` of a mark, which is about the name and no longer about the file.
 */
export function parseMade(output: string): number | undefined {
  const made = /^made=([1-9]\d*)$/m.exec(output.split("\0", 1)[0] ?? "")?.[1];
  return made === undefined ? undefined : Number(made);
}

/** Output of the script `inspect-file`. */
export function parseInspection(output: string): PoolFile | undefined {
  const [mark = "", numbers = "", header = "", sha256 = ""] = output.split("\0");
  if (numbers.trim() === "") return undefined;
  const [bytes = "", blocks512 = "", ...identity] = numbers.trim().split(" ");
  const [size, blocks] = [Number(bytes), Number(blocks512)];
  if (![size, blocks].every(Number.isSafeInteger))
    throw new Error(`inspect-file: unexpected numbers ${JSON.stringify(numbers)}`);
  const qcow2 = header.startsWith("514649fb");
  return {
    mark: parseMark(mark, identity.join(" ")),
    size,
    allocation: blocks * 512,
    format: qcow2 ? "qcow2" : "raw",
    virtualSize: qcow2 ? Number(BigInt(`0x${header.slice(48, 64)}`)) : size,
    sha256: sha256.trim() || undefined,
    identity: identity.join(" "),
  };
}

/** A mark that speaks of another file is about one that is gone. `identity`: inode and time of birth. */
function parseMark(text: string, identity: string): Mark | undefined {
  const values = new Map(
    text.split("\n").map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
  const stack = values.get("owner");
  const resource = values.get("resource");
  if (!stack || !resource || values.get("file") !== identity) return undefined;
  return { owner: { stack, resource }, sha256: values.get("sha256"), content: values.get("content") };
}

/** Lines for the scripts that write or compare marks. */
export function markLines(owner: Owner): string {
  return `owner=${owner.stack}\nresource=${owner.resource}\n`;
}

/** How a state remembers its mark: it stays the same when the resource is renamed by an alias. */
export function formatMark(owner: Owner): string {
  return `${owner.stack} ${owner.resource}`;
}

export function parseOwner(text: string): Owner {
  const space = text.indexOf(" ");
  return { stack: text.slice(0, space), resource: text.slice(space + 1) };
}
