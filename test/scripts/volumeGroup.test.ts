import { describe, expect, test } from "vitest";
import { lvmDisk, playedLvm } from "./playedLvm.ts";

const played = playedLvm();
const { freshDisk, group, volume, volumes, sum } = played;
const sh = (command: string) => played.machine.ok(command);
const size = () => Number(sh("vgs --noheadings --nosuffix --units m -o vg_size kvm-mirror 2>/dev/null"));
const link = "/etc/systemd/system/multi-user.target.wants/kvm-mirror-lvm.service";

describe("volume-group.sh", () => {
  test("makes the group on an empty disk once, of extents that the plan counts with, and has it there at boot", () => {
    const disk = freshDisk(64);
    expect(group()).toMatchObject({ status: 0, stderr: expect.stringContaining("making the volume group kvm-mirror") });
    expect(sh("pvs --noheadings --nosuffix --units m -o pe_start,vg_extent_size,vg_tags 2>/dev/null").trim()).toBe(
      "1.00 4.00 kvm-mirror",
    );
    // (64 MiB - 1 MiB) in whole extents.
    expect(size()).toBe(60);
    expect(sh(`readlink ${link}`)).toBe("/etc/systemd/system/kvm-mirror-lvm.service");
    const written = sum(disk);
    expect(group()).toMatchObject({ status: 0 });
    expect(sum(disk)).toBe(written);
  });

  test("grows with its disk", () => {
    const disk = sh(`readlink ${lvmDisk}`);
    const file = sh(`losetup -n -O BACK-FILE ${disk}`);
    sh(`truncate -s 100M /tmp/${file.split("/").pop()} && losetup --set-capacity ${disk}`);
    expect(group()).toMatchObject({ status: 0, stderr: expect.stringContaining("has grown with its disk") });
    expect(size()).toBe(96);
  });

  test("is taken as it is where the mirror's OS disk is a new one", () => {
    expect(volume("r0", 16)).toMatchObject({ status: 0 });
    const before = sum(lvmDisk);
    sh("rm -rf /var/lib/kvm-mirror");
    expect(group()).toMatchObject({ status: 0 });
    expect([sum(lvmDisk), volumes()]).toEqual([before, ["r0 16"]]);
  });

  test("is not made anew on an empty disk in its place, but for one that the stack file says is lost", () => {
    sh("cp -a /var/lib/kvm-mirror /tmp/records");
    const disk = freshDisk(64);
    sh("cp -a /tmp/records /var/lib/kvm-mirror");
    const before = sum(disk);
    expect(group()).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("was made on /dev/disk/by-id/virtio-kvm-mirror.lvm before, and is not there now"),
    });
    expect(sum(disk)).toBe(before);
    expect(group(2)).toMatchObject({ status: 0 });
    expect(sh("cat /var/lib/kvm-mirror/lvm/disk")).toBe("2");
    expect(group(2)).toMatchObject({ status: 0 });
  });

  test("goes on where it was interrupted between the disk's label and the group", () => {
    freshDisk(64);
    sh(`printf '#!/bin/bash\\nrm /run/steps/vgcreate; /usr/sbin/pvcreate ${lvmDisk} && kill -KILL $PPID\\n' \
      >/run/vgcreate; mkdir -p /run/steps; mv /run/vgcreate /run/steps/; chmod 755 /run/steps/vgcreate`);
    const path = "PATH=/run/steps:$PATH bash $GUEST_SCRIPTS/backing/volume-group.sh --disk 1";
    expect(played.machine.sh(path).status).not.toBe(0);
    expect(sh(`wipefs --no-act --noheadings --output TYPE ${lvmDisk}`)).toBe("LVM2_member");
    expect(group()).toMatchObject({ status: 0 });
    expect(size()).toBe(60);
  });

  test.each([
    ["ext4", (disk: string) => `mkfs.ext4 -q -F ${disk}`],
    ["drbd", (disk: string) => `drbdmeta 7 v08 ${disk} internal create-md </dev/null`],
    ["a group of somebody else", () => `vgcreate -q clients ${lvmDisk}`],
    ["a physical volume without a group", () => `pvcreate -q ${lvmDisk}`],
    ["dos", (disk: string) => `printf 'label: dos\\n,,L\\n' | sfdisk -q --no-reread --no-tell-kernel ${disk}`],
    ["nothing that has a signature", (disk: string) => `printf data | dd of=${disk} bs=1M seek=63 status=none`],
  ])("refuses a disk that holds %s, which stays as it is", (_, make) => {
    const disk = freshDisk(64);
    sh(make(disk));
    const before = sum(disk);
    expect(group()).toMatchObject({ status: 3, stderr: expect.stringMatching(/carries: |is not blank/) });
    expect(sum(disk)).toBe(before);
    expect(played.machine.sh("cat /var/lib/kvm-mirror/lvm/group").status).toBe(1);
  });

  test("refuses a group of its name that somebody else made", () => {
    const disk = freshDisk(64);
    sh(`vgcreate -q kvm-mirror ${lvmDisk}`);
    const before = sum(disk);
    expect(group()).toMatchObject({ status: 3, stderr: expect.stringContaining("is none that kvm-mirror made") });
    expect(sum(disk)).toBe(before);
  });

  test("refuses a disk that somebody has mounted", () => {
    const disk = freshDisk(64);
    sh(`mkfs.ext4 -q -F ${disk} && mkdir -p /mnt/m && mount ${disk} /mnt/m`);
    const refused = group();
    sh("umount /mnt/m");
    expect(refused).toMatchObject({ status: 3, stderr: expect.stringContaining("is in use") });
  });

  test("says what to do where LVM is not installed", () => {
    freshDisk(64);
    sh("mkdir -p /run/away && mv /usr/sbin/vgs /run/away/");
    const failed = group();
    sh("mv /run/away/vgs /usr/sbin/");
    expect(failed).toMatchObject({ status: 1, stderr: expect.stringContaining("apt-get install -y lvm2") });
  });
});

describe("at boot", () => {
  test("volumes are there before DRBD, and what was left halfway is not", () => {
    freshDisk(64);
    group();
    volume("r0", 16);
    volume("r1", 8);
    sh("vgchange --activate n kvm-mirror; lvcreate -q -an -Zn -Wn -l 1 -n new.r2 kvm-mirror 2>/dev/null");
    expect(sh("ls /dev | grep -c '^kvm-mirror$' || true")).toBe("0");
    expect(played.machine.guest("volume-group-start.sh")).toMatchObject({ status: 0 });
    expect(sh("ls /dev/kvm-mirror")).toBe("r0\nr1");
    expect(sh("grep ^Before= $GUEST_SCRIPTS/systemd/kvm-mirror-lvm.service")).toBe(
      "Before=drbd.service pacemaker.service",
    );
  });

  test("a group that has left the stack is not looked for; while a volume lies on it, it stays", () => {
    const leave = () => played.machine.guest("volume-group-leave.sh");
    sh("printf 'resource r0 {\\n  on x {\\n    disk /dev/kvm-mirror/r0;\\n  }\\n}\\n' >/etc/drbd.d/r0.res");
    expect(leave()).toMatchObject({ status: 3, stderr: expect.stringContaining("/etc/drbd.d/r0.res") });
    expect(sh(`test -L ${link} && ls /dev/kvm-mirror`)).toBe("r0\nr1");
    sh("rm /etc/drbd.d/r0.res");
    const before = sum(lvmDisk);
    expect(leave()).toMatchObject({ status: 0 });
    expect([played.machine.sh(`test -L ${link}`).status, sh("ls -d /dev/kvm-mirror || true"), sum(lvmDisk)]).toEqual([
      1,
      "",
      before,
    ]);
    expect(leave()).toMatchObject({ status: 0 });
  });
});
