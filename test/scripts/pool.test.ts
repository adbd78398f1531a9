import { describe, expect, test } from "vitest";
import { playedZfs, pool as name, zfsDisk } from "./playedZfs.ts";

const played = playedZfs();
const { freshDisk, pool, volume, volumes, sum } = played;
const sh = (command: string) => played.machine.ok(command);
const property = (key: string) => sh(`zfs get -Hp -o value ${key} ${name}`);
const links = "/etc/systemd/system/multi-user.target.wants";

describe("pool.sh", () => {
  test("makes the pool on an empty disk once, and has it there at boot", () => {
    const disk = freshDisk(128);
    expect(pool()).toMatchObject({ status: 0, stderr: expect.stringContaining(`making the ZFS pool ${name}`) });
    expect(["compression", "sync", "mountpoint", "kvm-mirror:made"].map(property)).toEqual([
      "lz4",
      "standard",
      "none",
      "yes",
    ]);
    expect(sh(`readlink ${links}/kvm-mirror-zfs.service`)).toBe("/etc/systemd/system/kvm-mirror-zfs.service");
    const written = sum(disk);
    expect(pool()).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(sum(disk)).toBe(written);
  });

  test("leaves ZFS a quarter of the memory", () => {
    const quarter = Number(sh("awk '/^MemTotal:/ { print int($2 * 1024 / 4) }' /proc/meminfo"));
    expect(Number(sh("cat /run/zfs-module/parameters/zfs_arc_max"))).toBe(quarter);
  });

  test("takes another compression, and reads the pool through at the time that it is given", () => {
    expect(pool(1, "zstd", "*-*-01 01:00:00")).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("the ZFS pool is read through at *-*-01 01:00:00 from now on"),
    });
    expect(property("compression")).toBe("zstd");
    expect(sh(`cat /etc/systemd/system/kvm-mirror-scrub.timer.d/schedule.conf; ls ${links}`)).toContain(
      "OnCalendar=\nOnCalendar=*-*-01 01:00:00",
    );
    expect(pool(1, "zstd", "never")).toMatchObject({
      status: 0,
      stderr: "pool.sh: the ZFS pool is read through at no set time from now on\n",
    });
    expect(sh(`ls ${links}`)).not.toContain("kvm-mirror-scrub.timer");
  });

  test("is taken as it is where the mirror's OS disk is a new one", () => {
    expect(volume("r0", 16)).toMatchObject({ status: 0 });
    sh(`zpool export ${name}; rm -rf /var/lib/kvm-mirror`);
    const before = sum(zfsDisk);
    expect(pool(1, "zstd")).toMatchObject({ status: 0 });
    expect([sum(zfsDisk), volumes()]).toEqual([before, ["r0 16"]]);
  });

  test("is not made anew on an empty disk in its place, but for one that the stack file says is lost", () => {
    sh("cp -a /var/lib/kvm-mirror /tmp/records");
    const disk = freshDisk(128);
    sh("cp -a /tmp/records /var/lib/kvm-mirror");
    const before = sum(disk);
    expect(pool()).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("was made on /dev/disk/by-id/virtio-kvm-mirror.zfs before, and is not there now"),
    });
    expect(sum(disk)).toBe(before);
    expect(pool(2)).toMatchObject({ status: 0 });
    expect(sh("cat /var/lib/kvm-mirror/zfs/disk")).toBe("2");
    expect(pool(2)).toMatchObject({ status: 0 });
  });

  test("goes on where it was interrupted before the pool was there", () => {
    freshDisk(128);
    sh("touch /run/zfs-dies");
    expect(pool().status).not.toBe(0);
    sh("rm /run/zfs-dies");
    expect(sh(`wipefs --no-act --noheadings --output TYPE ${zfsDisk} | sort -u`)).toBe("zfs_member");
    expect(pool()).toMatchObject({ status: 0 });
    expect(property("kvm-mirror:made")).toBe("yes");
  });

  test("does not take a disk that came in its place meanwhile for what it left", () => {
    const disk = freshDisk(128);
    sh("touch /run/zfs-dies");
    pool();
    sh(`rm /run/zfs-dies; wipefs -q --all ${disk}; mkfs.ext4 -q -F ${disk}`);
    const before = sum(disk);
    expect(pool()).toMatchObject({ status: 3, stderr: expect.stringContaining("carries: ext4") });
    expect(sum(disk)).toBe(before);
  });

  test.each([
    ["ext4", (disk: string) => `mkfs.ext4 -q -F ${disk}`],
    ["drbd", (disk: string) => `drbdmeta 7 v08 ${disk} internal create-md </dev/null`],
    ["dos", (disk: string) => `printf 'label: dos\\n,,L\\n' | sfdisk -q --no-reread --no-tell-kernel ${disk}`],
    ["nothing that has a signature", (disk: string) => `printf data | dd of=${disk} bs=1M seek=127 status=none`],
  ])("refuses a disk that holds %s, which stays as it is", (_, make) => {
    const disk = freshDisk(128);
    sh(make(disk));
    const before = sum(disk);
    expect(pool()).toMatchObject({ status: 3, stderr: expect.stringMatching(/carries: |is not blank/) });
    expect(sum(disk)).toBe(before);
    expect(played.machine.sh("cat /var/lib/kvm-mirror/zfs/pool").status).toBe(1);
  });

  test.each([
    ["of another name", "tank", "carries the ZFS pool tank of somebody else"],
    ["of its name that somebody else made", name, "is none that kvm-mirror made"],
  ])("refuses a pool %s, which it has not written to", (_, other, message) => {
    const disk = freshDisk(128);
    sh(`zpool create -O mountpoint=none ${other} ${zfsDisk} && zpool export ${other}`);
    const before = sum(disk);
    expect(pool()).toMatchObject({ status: 3, stderr: expect.stringContaining(message) });
    expect([sum(disk), sh("ls /run/zfs-pools")]).toEqual([before, ""]);
  });

  test.each([
    ["of the pool", name],
    ["of one volume", `${name}/r0`],
  ])("refuses one that may acknowledge what no disk has, by a property %s", (_, where) => {
    freshDisk(128);
    pool();
    volume("r0", 16);
    sh(`zfs set sync=disabled ${where}`);
    expect((JSON.parse(played.machine.guest("state.sh").stdout) as { pool: object }).pool).toMatchObject({
      unsafe: [...(where === name ? [name] : []), `${name}/r0`],
    });
    for (const refused of [pool(), volume("r0", 16)])
      expect(refused).toMatchObject({ status: 3, stderr: expect.stringContaining(`zfs set sync=standard ${name}`) });
    sh(`zfs set sync=standard ${where}; zfs set sync=always ${name}`);
    expect(volume("r0", 16)).toMatchObject({ status: 0 });
  });

  test("says what to do where ZFS is not installed", () => {
    freshDisk(128);
    sh("mkdir -p /run/away && mv /run/zfs-module /run/away/");
    const failed = pool();
    sh("mv /run/away/zfs-module /run/");
    expect(failed).toMatchObject({ status: 1, stderr: expect.stringContaining("/zfs-module.sh. Then pulumi up") });
  });
});

describe("at boot", () => {
  test("the pool is imported, and its volumes are there before DRBD", () => {
    freshDisk(128);
    pool();
    volume("r0", 16);
    volume("r1", 32);
    sh(`zpool export ${name}`);
    expect(sh("ls /dev/zvol/*/ || true")).toBe("");
    expect(played.machine.guest("pool-start.sh")).toMatchObject({ status: 0 });
    expect(sh(`ls /dev/zvol/${name}`)).toBe("r0\nr1");
    expect(played.machine.guest("pool-start.sh")).toMatchObject({ status: 0 });
    expect(sh("grep ^Before= $GUEST_SCRIPTS/systemd/kvm-mirror-zfs.service")).toBe(
      "Before=drbd.service pacemaker.service",
    );
  });

  test("a pool that has left the stack is not looked for; while a volume lies on it, it stays", () => {
    const leave = () => played.machine.guest("pool-leave.sh");
    sh(`printf 'resource r0 {\\n  on x {\\n    disk /dev/zvol/${name}/r0;\\n  }\\n}\\n' >/etc/drbd.d/r0.res`);
    expect(leave()).toMatchObject({ status: 3, stderr: expect.stringContaining("/etc/drbd.d/r0.res") });
    expect(sh(`test -L ${links}/kvm-mirror-zfs.service && ls /dev/zvol/${name}`)).toBe("r0\nr1");
    sh("rm /etc/drbd.d/r0.res");
    const before = sum(zfsDisk);
    expect(leave()).toMatchObject({ status: 0 });
    expect([played.machine.sh(`test -L ${links}/kvm-mirror-zfs.service`).status, sum(zfsDisk)]).toEqual([1, before]);
    expect(sh(`ls /dev/zvol/${name}`)).toBe("");
    expect(leave()).toMatchObject({ status: 0 });
  });
});

describe("what state.sh says of it", () => {
  const seen = () =>
    (JSON.parse(played.machine.guest("state.sh").stdout) as { pool: Record<string, unknown> | null }).pool;
  const status = (text: string) => played.machine.ok("cat >/run/zfs-status", text);
  const text = (state: string, counts: string, errors: string, scan = "") =>
    `  pool: ${name}\n state: ${state}\n${scan}config:\n\n\tNAME                      STATE     READ WRITE CKSUM\n` +
    `\t${name}            ${state}       0     0     0\n` +
    `\t  virtio-kvm-mirror.zfs   ${state}     ${counts}\n\n${errors}\n`;

  test("nothing on a mirror that has none", () => {
    freshDisk(128);
    expect(seen()).toBeNull();
  });

  test("its state, what cannot be read, what went wrong on its disk, and when it was read through", () => {
    freshDisk(128);
    pool();
    status(text("ONLINE", "0     0     0", "errors: No known data errors"));
    expect(seen()).toEqual({ state: "ONLINE", errors: 0, faults: 0, scrubbed: null, unsafe: [] });
    status(
      text(
        "ONLINE",
        "1     2    40",
        "errors: 3 data errors, use '-v' for a list",
        "  scan: scrub repaired 0B in 00:00:03 with 3 errors on Sun Nov 29 11:00:03 2026\n",
      ),
    );
    expect(seen()).toEqual({
      state: "ONLINE",
      errors: 3,
      faults: 43,
      scrubbed: Number(sh("date --date '2026-11-29 11:00:03' +%s")),
      unsafe: [],
    });
    sh("rm /run/zfs-status");
  });

  /** The metrics of it. */
  const metrics = () => {
    expect(played.machine.guest("metrics.sh", ["/tmp/metrics.prom"])).toMatchObject({ status: 0 });
    return sh("grep -E '^kvm_mirror.*zfs' /tmp/metrics.prom | sed 's/{.*source=\"zfs\"}/ zfs/; s/{.*}//' || true");
  };

  test("as metrics, too", () => {
    sh("mkdir -p /etc/kvm-mirror/monitoring && echo 'stack lab' >/etc/kvm-mirror/monitoring/settings");
    played.machine.play("journalctl", "true");
    status(
      text(
        "ONLINE",
        "0     0     7",
        "errors: 1 data errors, use '-v' for a list",
        "  scan: scrub repaired 0B in 00:00:03 with 1 errors on Sun Nov 29 11:00:03 2026\n",
      ),
    );
    expect(metrics().split("\n")).toEqual([
      "kvm_mirror_source_readable zfs 1",
      "kvm_mirror_zfs_pool_online 1",
      "kvm_mirror_zfs_damaged_blocks 1",
      "kvm_mirror_zfs_disk_faults 7",
      "kvm_mirror_zfs_unsafe_datasets 0",
      `kvm_mirror_zfs_scrubbed_timestamp_seconds ${sh("date --date '2026-11-29 11:00:03' +%s")}`,
    ]);
    sh("rm /run/zfs-status");
  });

  test("that it is missing, or that ZFS does not answer", () => {
    sh(`zpool export ${name}`);
    expect(seen()).toMatchObject({ state: "missing", errors: null, unsafe: null });
    expect(metrics()).toBe("kvm_mirror_source_readable zfs 1\nkvm_mirror_zfs_pool_online 0");
    sh("mkfifo /run/zfs-status");
    expect(seen()).toMatchObject({ state: "silent", faults: null });
    expect(metrics()).toBe("kvm_mirror_source_readable zfs 0");
    sh("rm /run/zfs-status");
  });
});
