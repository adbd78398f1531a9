import { hostname } from "node:os";
import { beforeAll, describe, expect, test } from "vitest";
import { resourceFile } from "./machine.ts";
import { lvmDisk, playedLvm } from "./playedLvm.ts";

const played = playedLvm();
const { freshDisk, group, volume, volumes, sum } = played;
const sh = (command: string): string => played.machine.ok(command);
const guest = (script: string, ...args: string[]) => played.machine.guest(script, args);
const MiB = 1024 ** 2;
/** What a volume holds, read past the page cache: its bytes that are none of `allowed`, by number. */
const other = (name: string, allowed: string): string =>
  sh(`dd if=/dev/kvm-mirror/${name} iflag=direct bs=1M status=none | tr -d '${allowed}' | wc -c`);
/** A group on a disk of which every byte that is not LVM's own was a client's. */
const usedDisk = (mebibytes: number) => {
  freshDisk(mebibytes);
  expect(group()).toMatchObject({ status: 0 });
  sh(`tr '\\0' x </dev/zero | dd of=${lvmDisk} bs=1M seek=1 count=${mebibytes - 1} iflag=fullblock status=none; sync`);
};
const configure = (name: string, minor: number) =>
  played.machine.guest("drbd-configure.sh", [name], resourceFile(hostname(), name, minor, `/dev/kvm-mirror/${name}`));

describe("logical-volume.sh", () => {
  test("makes a volume of zeros where a client's data was, once, and leaves it alone from then on", () => {
    usedDisk(64);
    expect(volume("r0", 16)).toMatchObject({
      status: 0,
      stderr: expect.stringContaining(
        "making the logical volume kvm-mirror/r0: 16777216 bytes, which are zeroed first",
      ),
    });
    expect([volumes(), other("r0", "\\000")]).toEqual([["r0 16"], "0"]);
    sh("printf data | dd of=/dev/kvm-mirror/r0 conv=notrunc status=none; sync");
    const before = sum(lvmDisk);
    for (const mebibytes of [16, 8]) expect(volume("r0", mebibytes)).toMatchObject({ status: 0 });
    expect([sum(lvmDisk), volumes()]).toEqual([before, ["r0 16"]]);
  });

  test("lets a volume grow by zeros, and keeps what it holds", () => {
    expect(volume("r0", 21)).toMatchObject({ status: 0, stderr: expect.stringContaining("has 25165824 bytes") });
    expect([volumes(), other("r0", "\\000"), sh("head -c 4 /dev/kvm-mirror/r0")]).toEqual([["r0 24"], "4", "data"]);
  });

  test("activates a volume that is not", () => {
    sh("lvchange --activate n kvm-mirror/r0");
    expect(volume("r0", 24)).toMatchObject({ status: 0 });
    expect(sh("head -c 4 /dev/kvm-mirror/r0")).toBe("data");
  });

  test("refuses what does not fit, and names what left the stack and still takes room", () => {
    volume("old", 8);
    sh("touch /etc/drbd.d/r0.res");
    const before = sum(lvmDisk);
    const refused = [volume("r2", 32), volume("r0", 64)];
    sh("rm /etc/drbd.d/r0.res");
    expect(refused[0]).toMatchObject({
      status: 3,
      stderr: expect.stringContaining(
        "volume r2 needs 8 more extents of 4 MiB, and the volume group kvm-mirror has 7 free",
      ),
    });
    expect(refused[0]?.stderr).toContain("Volumes that left the stack still take room: old. To delete the data of one");
    expect(refused[1]).toMatchObject({ status: 3, stderr: expect.stringContaining("needs 10 more extents") });
    expect([sum(lvmDisk), volumes()]).toEqual([before, ["old 8", "r0 24"]]);
  });

  test("refuses without a group", () => {
    freshDisk(64);
    expect(volume("r0", 16)).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("no volume group kvm-mirror"),
    });
  });

  test.each([
    ["a name", ["../r0", "4096"]],
    ["a size", ["r0", "0"]],
    ["a number", ["r0", "4096", "--disk", "0"]],
  ])("refuses as usage what is no %s", (_, args) => {
    expect(guest("logical-volume.sh", ...args, ...(args.length < 4 ? ["--disk", "1"] : []))).toMatchObject({
      status: 2,
    });
  });
});

describe("DRBD on a logical volume", () => {
  beforeAll(() => {
    usedDisk(128);
    volume("r0", 16);
    expect(configure("r0", 0)).toMatchObject({ status: 0 });
  });

  test("metadata is made on it as on a disk, and recognised after the OS disk was lost", () => {
    expect(guest("drbd-create-metadata.sh", "r0", "--disk", "1")).toMatchObject({ status: 0 });
    sh("rm -rf /var/lib/kvm-mirror; drbdadm forget r0");
    expect(guest("drbd-create-metadata.sh", "r0", "--disk", "1")).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("/dev/kvm-mirror/r0 carries the metadata of r0. It stays as it is"),
    });
  });

  test("metadata moves to the new end of a volume that has grown while it was down", () => {
    sh("drbdadm forget r0");
    expect(volume("r0", 32)).toMatchObject({ status: 0 });
    expect(guest("drbd-create-metadata.sh", "r0", "--disk", "1")).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("carries the metadata of r0. It stays as it is"),
    });
    expect(sh("blkid -p -o value -s TYPE /dev/kvm-mirror/r0")).toBe("drbd");
  });

  test("a volume that is made again where it was finds nothing of its former self", () => {
    const made = "0000000000000004:0000000000000000";
    sh(
      "drbdmeta --force 0 v08 /dev/kvm-mirror/r0 internal set-gi A5A5A5A5A5A5A5A4:0:0:0:1:1 </dev/null >&2; " +
        "drbdadm forget r0",
    );
    expect(guest("volume-remove.sh", "r0")).toMatchObject({ status: 0 });
    expect(guest("logical-volume-delete.sh", "r0", "delete-its-data")).toMatchObject({ status: 0 });
    // Without a word in the stack file that it may start anew, it does not.
    expect(volume("r0", 32)).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("the logical volume kvm-mirror/r0 was there before"),
    });
    expect(volume("r0", 32, 2)).toMatchObject({ status: 0 });
    expect([volumes(), other("r0", "\\000")]).toEqual([["r0 32"], "0"]);
    configure("r0", 0);
    expect(guest("drbd-create-metadata.sh", "r0", "--disk", "2")).toMatchObject({ status: 0 });
    expect(sh("drbdmeta 0 v08 /dev/kvm-mirror/r0 internal get-gi </dev/null")).toContain(made);
  });

  test("is not moved from a disk of its own, nor back", () => {
    expect(
      played.machine.guest("drbd-configure.sh", ["r0"], resourceFile(hostname(), "r0", 0, "/dev/disk/by-id/virtio-r0")),
    ).toMatchObject({
      status: 3,
      stderr: expect.stringContaining(
        "volume r0 lies on /dev/kvm-mirror/r0 on this mirror, and would lie on /dev/disk",
      ),
    });
  });
});

describe("logical-volume-delete.sh", () => {
  test("wants its word typed, and refuses a volume that is configured, or that something has open", () => {
    expect(guest("logical-volume-delete.sh", "r0", "yes")).toMatchObject({ status: 2 });
    expect(guest("logical-volume-delete.sh", "r0", "delete-its-data")).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("volume r0 is configured on this mirror"),
    });
    volume("held", 8);
    sh("mkdir -p /run/lvm-busy && touch /run/lvm-busy/held");
    expect(guest("logical-volume-delete.sh", "held", "delete-its-data")).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("kvm-mirror/held is open on this mirror"),
    });
    sh("rm /run/lvm-busy/held");
    expect(guest("logical-volume-delete.sh", "held", "delete-its-data")).toMatchObject({ status: 0 });
    expect(guest("logical-volume-delete.sh", "held", "delete-its-data")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(volumes()).toEqual(["r0 32"]);
  });
});

describe.each([
  ["a new volume", (): void => undefined, 8, ["r0 8"], "0"],
  [
    "a volume that grows",
    (): void => {
      volume("r0", 4);
      sh("tr '\\0' d </dev/zero | dd of=/dev/kvm-mirror/r0 bs=1M count=4 iflag=fullblock status=none; sync");
    },
    12,
    ["r0 12"],
    String(4 * MiB),
  ],
] as const)("%s, where the run is killed after each command", (_, prepare, mebibytes, asked, kept) => {
  const commands = ["lvcreate", "lvchange", "blkdiscard", "sync", "lvrename", "lvremove", "lvextend"];
  test("never holds what was there before, and is as asked after the next run", () => {
    usedDisk(32);
    prepare();
    sh(`vgchange --activate n kvm-mirror; dd if=${lvmDisk} of=/tmp/prepared bs=1M status=none; mkdir -p /run/steps`);
    let killed = 0;
    for (; ; killed++) {
      sh(`vgchange --activate n kvm-mirror; dd if=/tmp/prepared of=${lvmDisk} bs=1M conv=notrunc,fsync status=none`);
      played.machine.ok(
        `echo 0 >/run/step; cat >/run/steps/any && chmod 755 /run/steps/any && for command in ${commands.join(" ")}
        do ln -sf any /run/steps/$command; done`,
        `#!/bin/bash
export PATH=\${PATH#/run/steps:}
"\${0##*/}" "$@" || exit
step=$(($(</run/step) + 1))
echo $step >/run/step
if [[ $step == ${killed + 1} ]]; then kill -KILL $PPID; fi
`,
      );
      const script = `bash $GUEST_SCRIPTS/backing/logical-volume.sh r0 ${mebibytes * MiB} --disk 1`;
      const run = played.machine.sh(`PATH=/run/steps:$PATH ${script}; exit $?`);
      if (run.status === 0) break;
      expect(run.status, `${killed + 1}: ${run.stderr}`).toBe(137);
      // As at the boot that follows.
      sh("vgchange --activate n kvm-mirror");
      expect(guest("volume-group-start.sh")).toMatchObject({ status: 0 });
      if (volumes().some((line) => line.startsWith("r0 "))) expect(other("r0", "\\000d"), `${killed + 1}`).toBe("0");
      expect(volume("r0", mebibytes)).toMatchObject({ status: 0 });
      expect([volumes(), other("r0", "\\000"), other("r0", "\\000d")], `${killed + 1}`).toEqual([asked, kept, "0"]);
    }
    expect(killed).toBeGreaterThan(7);
  }, 300_000);
});
