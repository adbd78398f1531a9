import { blockSize } from "./oracle/block.ts";
import { type Checked, checkImage } from "./oracle/check.ts";
import type { History } from "./oracle/history.ts";
import type { Subject } from "../harness/subject.ts";
import type { System } from "../harness/system.ts";
import { shellWord } from "../plugins/serving/shell.ts";

/** Blocks of the disk that the writer uses. */
export interface Region {
  readonly first: number;
  readonly count: number;
}

/**
 * Reads the region in two ways, while nobody writes, and compares both with the oracle:
 * from the primary's device with O_DIRECT, past every cache; and by a fresh connection to
 * the export, from the client's KVM host, which is admitted. The servers
 * answer from the page cache of the primary, which after an I/O error
 * holds what the disk does not: it is emptied first.
 */
export async function readBack(
  system: System,
  subject: Subject,
  primary: string,
  history: History,
  run: number,
  region: Region,
): Promise<Checked> {
  await system.onMirror(primary, `blockdev --flushbufs ${subject.volume.device} && echo 1 >/proc/sys/vm/drop_caches`);
  const images = [
    await fromDevice(system, primary, subject.volume.device, region),
    await fromExport(system, subject, region),
  ];
  const checked = images.map((image) => checkRegion(image, subject, history, run, region));
  return {
    blocks: checked.reduce((sum, { blocks }) => sum + blocks, 0),
    violations: checked.flatMap(({ violations }) => violations),
  };
}

/** The disks below DRBD, compared with the oracle and with each other. */
export interface Disks extends Checked {
  /** Blocks that the two disks do not have in common. */
  readonly differing: number;
}

/**
 * Reads the region from the disk of each mirror, below DRBD and past every cache, and
 * compares it with the oracle, while nobody writes and both copies are whole:
 * whichever mirror is promoted next, this is what its clients will read. DRBD's own data lie
 * at the end of the disk (meta-disk internal), the volume's at its begin.
 */
export async function readDisks(
  system: System,
  subject: Subject,
  history: History,
  run: number,
  region: Region,
): Promise<Disks> {
  const { name } = subject.volume;
  const mirrors = system.inventory.mirrors.map((mirror) => mirror.name);
  const images = await Promise.all(
    mirrors.map((mirror) => fromDevice(system, mirror, `"$(drbdadm sh-ll-dev ${name})"`, region)),
  );
  const checked = images.map((image, index) => {
    const { blocks, violations } = checkRegion(image, subject, history, run, region);
    return {
      blocks,
      violations: violations.map((one) => ({ ...one, detail: `disk of ${mirrors[index]}: ${one.detail}` })),
    };
  });
  const [one = Buffer.alloc(0), ...others] = images;
  const differs = (block: number): boolean =>
    others.some(
      (other) =>
        !one
          .subarray(block * blockSize, (block + 1) * blockSize)
          .equals(other.subarray(block * blockSize, (block + 1) * blockSize)),
    );
  return {
    blocks: checked.reduce((sum, { blocks }) => sum + blocks, 0),
    violations: checked.flatMap(({ violations }) => violations),
    differing: Array.from({ length: region.count }, (_, block) => block).filter(differs).length,
  };
}

function checkRegion(
  image: Buffer,
  { volume }: Subject,
  history: History,
  run: number,
  { first, count }: Region,
): Checked {
  if (image.length !== count * blockSize)
    throw new Error(`the read-back of ${volume.name} has ${image.length} bytes instead of ${count * blockSize}`);
  return checkImage(history, run, first, image);
}

function fromDevice(system: System, mirror: string, device: string, { first, count }: Region): Promise<Buffer> {
  return system.bytesFrom(
    "mirror",
    mirror,
    `dd if=${device} iflag=direct bs=${blockSize} skip=${first} count=${count} status=none`,
  );
}

function fromExport(system: System, { client, disk, volume }: Subject, { first, count }: Region): Promise<Buffer> {
  const served = system.inventory.exports.find(
    (candidate) => candidate.volume === volume.name && candidate.protocol === disk.protocol,
  );
  if (!served) throw new Error(`volume ${volume.name} is not exported by ${disk.protocol}`);
  const source =
    served.protocol === "nbd"
      ? `nbd://${served.address}:${served.port}/${served.name}`
      : `iscsi://${served.address}:${served.port}/${served.iqn}/${served.lun}`;
  const file = "$(mktemp)";
  // The -U of qemu-img: the running domain has the disk open, too.
  return system.bytesFrom(
    "host",
    client.host,
    `set -e; file=${file}; trap 'rm -f "$file"' EXIT; qemu-img dd -U -f raw -O raw bs=${blockSize} ` +
      `skip=${first} count=${first + count} if=${shellWord(source)} of="$file" >&2; cat "$file"`,
  );
}
