import { blockSize } from "./oracle/block.ts";
import { type Checked, checkImage } from "./oracle/check.ts";
import type { History } from "./oracle/history.ts";
import type { Subject } from "./situation.ts";
import { quote, type System } from "./system/system.ts";

/** Blocks of the disk that the writer uses. */
export interface Region {
  readonly first: number;
  readonly count: number;
}

/**
 * Reads the region in two ways, while nobody writes, and compares both with the oracle:
 * from the primary's device with O_DIRECT, past every cache; and by a fresh connection to the export, from the client's KVM host, which is admitted.
 */
export async function readBack(system: System, subject: Subject, primary: string, history: History, run: number, region: Region): Promise<Checked> {
  const images = [await fromDevice(system, subject, primary, region), await fromExport(system, subject, region)];
  const checked = images.map((image) => {
    if (image.length !== region.count * blockSize) throw new Error(`the read-back of ${subject.volume.name} has ${image.length} bytes instead of ${region.count * blockSize}`);
    return checkImage(history, run, region.first, image);
  });
  return { blocks: checked.reduce((sum, { blocks }) => sum + blocks, 0), violations: checked.flatMap(({ violations }) => violations) };
}

function fromDevice(system: System, { volume }: Subject, primary: string, { first, count }: Region): Promise<Buffer> {
  return system.bytesFrom("mirror", primary, `dd if=${volume.device} iflag=direct bs=${blockSize} skip=${first} count=${count} status=none`);
}

function fromExport(system: System, { client, disk, volume }: Subject, { first, count }: Region): Promise<Buffer> {
  const served = system.inventory.exports.find((candidate) => candidate.volume === volume.name && candidate.protocol === disk.protocol);
  if (!served) throw new Error(`volume ${volume.name} is not exported by ${disk.protocol}`);
  const source = served.protocol === "nbd" ? `nbd://${served.address}:${served.port}/${served.name}` : `iscsi://${served.address}:${served.port}/${served.iqn}/${served.lun}`;
  const file = "$(mktemp)";
  // The -U of qemu-img: the running domain has the disk open, too.
  return system.bytesFrom(
    "host",
    client.host,
    `set -e; file=${file}; trap 'rm -f "$file"' EXIT; qemu-img dd -U -f raw -O raw bs=${blockSize} skip=${first} count=${first + count} if=${quote(source)} of="$file" >&2; cat "$file"`,
  );
}
