/** What bench is told of a disk before it writes there, asked of real disks (loop devices). */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { contentOf, markCommand, probeCommand } from "../../bench/guard.ts";
import { Machine } from "./machine.ts";

let machine: Machine;
let number = 0;
beforeAll(async () => {
  machine = await Machine.start();
});
afterAll(() => machine?.stop());

const newDisk = (): string => machine.disk(`bench-${++number}`, 16);
const target = (path: string) => ({ kind: "device", path }) as const;
const probe = (path: string) => contentOf(machine.ok(probeCommand(target(path))));
const mark = (path: string) => machine.ok(markCommand(target(path)));
const write = (path: string, at: number) =>
  machine.ok(`printf data | dd of=${path} bs=512 seek=${at} conv=sync,notrunc,fsync status=none`);

describe("a disk", () => {
  test("of zeros is empty, and marked once bench has said so, twice as well as once", () => {
    const disk = newDisk();
    expect(probe(disk)).toEqual({ kind: "empty" });
    mark(disk);
    mark(disk);
    expect(probe(disk)).toEqual({ kind: "marked" });
    // What bench itself writes changes nothing.
    write(disk, 5000);
    expect(probe(disk)).toEqual({ kind: "marked" });
  });

  test.each([
    ["a file system", "mkfs.ext4 -q DISK", "ext4"],
    ["a swap area", "mkswap DISK", "swap"],
    ["a partition table", "printf 'label: dos\\n,1M\\n' | sfdisk --quiet --no-reread --no-tell-kernel DISK", "dos"],
    ["LVM", "pvcreate --quiet DISK", "LVM2_member"],
  ])("with %s is not taken for empty, nor for bench's own after it was", (_, make, words) => {
    const disk = newDisk();
    mark(disk);
    const made = machine.sh(make.replaceAll("DISK", disk));
    expect(made.status, made.stderr).toBe(0);
    expect(probe(disk)).toEqual({ kind: "content", words: expect.stringContaining(words) });
    // Somebody gave it up by name: its signatures go.
    mark(disk);
    expect(probe(disk)).toEqual({ kind: "marked" });
  });

  test("that somebody writes to without any file system is not empty", () => {
    for (const [at, words] of [
      [0, "data in the first MiB"],
      [32_767, "data in the last MiB"],
      // 16 MiB have 4096 blocks; every 65th is looked at, with 15 behind it.
      [8 * 65 * 31, "data at 8253440 bytes"],
    ] as const) {
      const disk = newDisk();
      write(disk, at);
      expect(probe(disk)).toEqual({ kind: "content", words });
    }
  });

  test("that somebody has claimed is in use, whatever is on it", () => {
    const disk = newDisk();
    mark(disk);
    machine.ok(
      `setsid perl -MFcntl -e 'sysopen(my $f, $ARGV[0], O_RDWR | O_EXCL) or die; open(my $r, ">", "/run/claimed"); ` +
        `close $r; sleep 60' ${disk} >/dev/null 2>&1 & echo $! >/run/claim.pid; ` +
        "for i in $(seq 100); do [ -e /run/claimed ] && exit; sleep 0.1; done; exit 1",
    );
    expect(probe(disk)).toEqual({ kind: "in-use", words: "it cannot be opened exclusively" });
    machine.ok("kill $(cat /run/claim.pid)");
  });

  test("that is not there is an error, and no file is made in its place", () => {
    expect(machine.sh(probeCommand(target("/dev/none")))).toMatchObject({
      status: 1,
      stderr: "there is no disk /dev/none\n",
    });
    expect(machine.sh(markCommand({ kind: "serial", serial: "none" }))).toMatchObject({
      status: 1,
      stderr: "there is no disk with serial none\n",
    });
    expect(machine.sh("ls /dev/none").status).not.toBe(0);
  });
});
