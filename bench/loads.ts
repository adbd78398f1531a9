/** What fio is told to do. */
export interface Load {
  /** Word for options, files and tables of a program. */
  readonly name: string;
  readonly title: string;
  readonly rw: "read" | "write" | "randread" | "randwrite";
  /** Bytes of a request. */
  readonly blockSize: number;
  /** Requests that are on their way at the same time. */
  readonly depth: number;
  /** An fsync after each write; its time counts. */
  readonly fsync?: true;
  /** Through the guest's page cache, with its read-ahead, as `dd` without `direct` reads. */
  readonly cached?: true;
  /** In what it is shown. Ratios are of requests per second in any case: more is better. */
  readonly unit: "MB/s" | "requests/s" | "ms";
}

const KiB = 1024;
const MiB = 1024 * KiB;

/**
 * The table of the recipe that this project began with (recipe.ts), and the measures of
 * comparisons of replicated storage: 4 KiB at random, and the latency of a write with its fsync.
 * The recipe reads 512 B at 160 to 210 MB/s, several times more than a disk that is asked 512 B at a
 * time can give: it read through the page cache. So 512 B reads are measured in both ways.
 */
export const loads: readonly Load[] = [
  {
    name: "read-512-cached",
    title: "512 B reads, cached",
    rw: "read",
    blockSize: 512,
    depth: 1,
    cached: true,
    unit: "MB/s",
  },
  { name: "read-512", title: "512 B reads", rw: "read", blockSize: 512, depth: 1, unit: "MB/s" },
  { name: "write-512", title: "512 B writes", rw: "write", blockSize: 512, depth: 1, unit: "MB/s" },
  { name: "read-1m", title: "1 MiB reads", rw: "read", blockSize: MiB, depth: 1, unit: "MB/s" },
  { name: "write-1m", title: "1 MiB writes", rw: "write", blockSize: MiB, depth: 1, unit: "MB/s" },
  random("read", 1),
  random("write", 1),
  random("read", 32),
  random("write", 32),
  {
    name: "fsync-4k",
    title: "4 KiB write + fsync",
    rw: "write",
    blockSize: 4 * KiB,
    depth: 1,
    fsync: true,
    unit: "ms",
  },
];

function random(direction: "read" | "write", depth: number): Load {
  return {
    name: `rand${direction}-4k-${depth}`,
    title: `4 KiB random ${direction}s, depth ${depth}`,
    rw: `rand${direction}`,
    blockSize: 4 * KiB,
    depth,
    unit: "requests/s",
  };
}

/** What tells layers apart: a request alone, many at once, large ones. */
export const layerLoads: readonly string[] = [
  "randread-4k-1",
  "randwrite-4k-1",
  "fsync-4k",
  "randwrite-4k-32",
  "read-1m",
  "write-1m",
];

export const isRead = ({ rw }: Load): boolean => rw === "read" || rw === "randread";

/** Loads by their names, in the order of `loads`. @throws for a name that is none */
export function loadsNamed(names: readonly string[]): readonly Load[] {
  const unknown = names.find((name) => !loads.some((load) => load.name === name));
  if (unknown !== undefined)
    throw new Error(`there is no load ${unknown}; there are: ${loads.map(({ name }) => name).join(", ")}`);
  return loads.filter(({ name }) => names.includes(name));
}
