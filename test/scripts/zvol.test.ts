import { hostname } from "node:os";
import { beforeAll, describe, expect, test } from "vitest";
import { resourceFile } from "./machine.ts";
import { playedZfs, pool as name, zfsDisk } from "./playedZfs.ts";

const played = playedZfs();
const { freshDisk, pool, volume, volumes, sum } = played;
const sh = (command: string): string => played.machine.ok(command);
const guest = (script: string, ...args: string[]) => played.machine.guest(script, args);
const device = `/dev/zvol/${name}`;
const configure = (volumeName: string, minor: number) =>
  played.machine.guest(
    "drbd-configure.sh",
    [volumeName],
    resourceFile(hostname(), volumeName, minor, `${device}/${volumeName}`),
  );

describe("zvol.sh", () => {
  test("makes a volume once, with the blocks that the plan reckons with, and leaves it alone from then on", () => {
    freshDisk(128);
    expect(pool()).toMatchObject({ status: 0 });
    expect(volume("r0", 16)).toMatchObject({
      status: 0,
      stderr: expect.stringContaining(`making the zvol ${name}/r0: 16777216 bytes`),
    });
    const property = (key: string) => sh(`zfs get -Hp -o value ${key} ${name}/r0`);
    expect(["volblocksize", "volmode", "sync"].map(property)).toEqual(["16384", "dev", "standard"]);
    sh(`printf data | dd of=${device}/r0 conv=notrunc status=none; sync`);
    const before = sum(zfsDisk);
    for (const mebibytes of [16, 8]) expect(volume("r0", mebibytes)).toEqual({ status: 0, stdout: "", stderr: "" });
    expect([sum(zfsDisk), volumes(), sh(`head -c 4 ${device}/r0`)]).toEqual([before, ["r0 16"], "data"]);
  });

  test("lets a volume grow, and keeps what it holds", () => {
    expect(volume("r0", 32)).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("has grown to 33554432 bytes"),
    });
    expect([volumes(), sh(`head -c 4 ${device}/r0`)]).toEqual([["r0 32"], "data"]);
  });

  test("refuses what does not fit, and names what left the stack and still takes room", () => {
    volume("old", 64);
    sh("touch /etc/drbd.d/r0.res");
    const before = sum(zfsDisk);
    const refused = [volume("r2", 128), volume("r0", 256)];
    sh("rm /etc/drbd.d/r0.res");
    for (const one of refused)
      expect(one).toMatchObject({
        status: 3,
        stderr: expect.stringContaining(`the ZFS pool ${name} has ${16 * 1024 ** 2} free`),
      });
    expect(refused[0]?.stderr).toContain("Volumes that left the stack still take room: old. To delete the data of one");
    expect([sum(zfsDisk), volumes()]).toEqual([before, ["old 64", "r0 32"]]);
  });

  test("says what ZFS says where it fails otherwise", () => {
    sh(`mkdir /run/steps; printf '#!/bin/bash\\n[[ $1 == create ]] && { echo "pool I/O is suspended" >&2; exit 1; }
      exec '"$(command -v zfs)"' "$@"\\n' >/run/steps/zfs; chmod 755 /run/steps/zfs`);
    const failed = played.machine.sh(`PATH=/run/steps:$PATH bash $GUEST_SCRIPTS/backing/zvol.sh r9 4096 --disk 1`);
    expect(failed).toMatchObject({ status: 1, stderr: expect.stringContaining("failed: pool I/O is suspended") });
  });

  test("refuses without a pool", () => {
    freshDisk(128);
    expect(volume("r0", 16)).toMatchObject({
      status: 3,
      stderr: expect.stringContaining(`there is no ZFS pool ${name}`),
    });
  });

  test.each([
    ["a name", ["../r0", "4096"]],
    ["a size", ["r0", "0"]],
    ["a number", ["r0", "4096", "--disk", "0"]],
  ])("refuses as usage what is no %s", (_, args) => {
    expect(guest("zvol.sh", ...args, ...(args.length < 4 ? ["--disk", "1"] : []))).toMatchObject({ status: 2 });
  });
});

describe("DRBD on a zvol", () => {
  beforeAll(() => {
    freshDisk(128);
    pool();
    volume("r0", 16);
    expect(configure("r0", 0)).toMatchObject({ status: 0 });
  });

  test("metadata is made on it as on a disk, and recognised after the OS disk was lost", () => {
    expect(guest("drbd-create-metadata.sh", "r0", "--disk", "1")).toMatchObject({ status: 0 });
    sh("rm -rf /var/lib/kvm-mirror; drbdadm forget r0");
    expect(guest("drbd-create-metadata.sh", "r0", "--disk", "1")).toMatchObject({
      status: 0,
      stderr: expect.stringContaining(`${device}/r0 carries the metadata of r0. It stays as it is`),
    });
  });

  test("is deleted when it is configured no more, by the words for it; nothing else is", () => {
    const words = "delete-its-data";
    expect(guest("zvol-delete.sh", "r0")).toMatchObject({ status: 2 });
    expect(guest("zvol-delete.sh", "r0", words)).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("volume r0 is configured on this mirror"),
    });
    expect(guest("volume-remove.sh", "r0")).toMatchObject({ status: 0 });
    sh("mkdir -p /run/zfs-busy; touch /run/zfs-busy/r0");
    expect(guest("zvol-delete.sh", "r0", words)).toMatchObject({
      status: 3,
      stderr: expect.stringContaining(`${name}/r0 is open on this mirror`),
    });
    expect(volumes()).toEqual(["r0 16"]);
    sh("rm -r /run/zfs-busy");
    expect(guest("zvol-delete.sh", "r0", words)).toMatchObject({ status: 0 });
    expect(volumes()).toEqual([]);
    expect(guest("zvol-delete.sh", "r0", words)).toMatchObject({ status: 0 });
  });

  test("a volume that was deleted is made again only with a word in the stack file", () => {
    expect(volume("r0", 16)).toMatchObject({
      status: 3,
      stderr: expect.stringContaining(`the zvol ${name}/r0 was there before`),
    });
    expect(volume("r0", 16, 2)).toMatchObject({ status: 0 });
  });
});
