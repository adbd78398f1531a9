import { hostname } from "node:os";
import { beforeAll, describe, expect, test } from "vitest";
import { type Machine, resourceFile } from "./machine.ts";
import { playedVolumes } from "./playedVolumes.ts";

const played = playedVolumes();
const { volume, sum, create } = played;
let machine: Machine;
beforeAll(() => {
  machine = played.machine;
});

describe("drbd-configure.sh", () => {
  test("installs what drbdadm takes, private, and does nothing the second time", () => {
    volume("plain");
    expect(machine.ok("stat -c '%a %U' /etc/drbd.d/plain.res")).toBe("600 root");
    const again = machine.guest("drbd-configure.sh", ["plain"], machine.ok("cat /etc/drbd.d/plain.res") + "\n");
    expect(again).toMatchObject({ status: 0, stderr: "" });
  });

  test("refuses a syntax error without showing the secret, and keeps what was there", () => {
    const before = machine.ok("cat /etc/drbd.d/plain.res");
    const bad = machine.guest(
      "drbd-configure.sh",
      ["plain"],
      'resource plain { net { shared-secret "hunter2"; cram-hmac-alg hunter2 hunter2; } }\n',
    );
    expect(bad.status).toBe(3);
    expect(bad.stderr).toContain("drbdadm does not take the configuration for /etc/drbd.d/plain.res");
    expect(bad.stderr).not.toContain("hunter2");
    expect(machine.ok("cat /etc/drbd.d/plain.res; ls -A /etc/drbd.d")).toBe(`${before}\nglobal_common.conf\nplain.res`);
  });

  test("refuses a volume that does not name this host", () => {
    const other = machine.guest("drbd-configure.sh", ["other"], resourceFile("mirror-x", "other", 7, "/dev/loop0"));
    expect(other.status).toBe(3);
    expect(other.stderr).toContain(
      `no resource other with a section 'on ${hostname()}' (this mirror's name). Its sections: mirror-x the-peer`,
    );
  });

  test("refuses a minor number that another volume has", () => {
    const clash = machine.guest("drbd-configure.sh", ["clash"], resourceFile(hostname(), "clash", 0, "/dev/loop0"));
    expect(clash.status).toBe(3);
    expect(clash.stderr).toContain("conflicting use of device-minor");
  });
});

describe("drbd-create-metadata.sh", () => {
  test("creates metadata once on an empty disk and brings the volume up", () => {
    const disk = volume("fresh");
    expect(create("fresh")).toMatchObject({ status: 0 });
    expect(machine.ok(`blkid -p -o value -s TYPE ${disk}`)).toBe("drbd");
    const written = sum(disk);
    expect(create("fresh")).toMatchObject({ status: 0, stderr: expect.stringContaining("fresh is up already") });
    expect(sum(disk)).toBe(written);
    expect(machine.ok("readlink /etc/systemd/system/multi-user.target.wants/drbd.service")).toBe(
      "/lib/systemd/system/drbd.service",
    );
  });

  test("recognises its metadata when the mirror's OS disk is a new one, also beside a file system", () => {
    const disk = volume("rebuilt");
    create("rebuilt");
    machine.ok(`rm -rf /var/lib/kvm-mirror; drbdadm forget rebuilt; mkfs.ext4 -q -F ${disk} 48M`);
    const written = sum(disk);
    const again = create("rebuilt");
    expect(again).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("carries the metadata of rebuilt. It stays as it is"),
    });
    expect(sum(disk)).toBe(written);
  });

  describe("a disk of ours on which the kernel of a rebuilt mirror saw what a client had written", () => {
    /**
     * Plays the devices that this kernel does not make: lines `KNAME NAME
     * TYPE [MOUNTPOINT]`, which the tools take away.
     */
    const stacked = (name: string, devices: (loop: string) => string) => {
      const disk = volume(name);
      create(name);
      machine.ok(
        `rm -rf /var/lib/kvm-mirror; drbdadm forget ${name}; printf 'label: dos\\n,,L\\n' ` +
          `| sfdisk -q -f --no-reread --no-tell-kernel ${disk} 2>&1`,
      );
      const loop = disk.replace("/dev/", "");
      machine.ok("cat >/run/lsblk", `${loop} ${loop} loop\n${devices(loop)}\n`);
      machine.play(
        "lsblk",
        `awk -v columns="$2" 'BEGIN { n = split(columns, column, ",")
        at["KNAME"] = 1; at["NAME"] = 2; at["TYPE"] = 3; at["MOUNTPOINT"] = 4 }
        { line = ""; for (i = 1; i <= n; i++) line = line (i > 1 ? " " : "") $(at[column[i]])
          print line }' /run/lsblk`,
      );
      machine.play(
        "dmsetup",
        `echo "dmsetup $*" >>/run/freed; [[ -e /run/open ]] && exit 1; sed -i "/^[^ ]* $2 /d" /run/lsblk`,
      );
      machine.play("mdadm", `echo "mdadm $*" >>/run/freed; sed -i "/^$(basename "$2") /d" /run/lsblk`);
      machine.play("partx", `echo "partx $*" >>/run/freed; sed -i '/ part/d' /run/lsblk`);
      machine.ok("rm -f /run/freed /run/open");
      return disk;
    };
    /** What was freed, and the played tools put away. */
    const freed = () =>
      machine.ok("cat /run/freed; rm -f /usr/sbin/lsblk /usr/sbin/dmsetup /usr/sbin/mdadm /usr/sbin/partx").split("\n");

    test("comes up where the client had partitioned it", () => {
      const disk = stacked("parted", (loop) => `${loop}p1 ${loop}p1 part`);
      const written = sum(disk);
      const done = create("parted");
      expect(freed()).toEqual([`partx --delete ${disk}`]);
      expect(done).toMatchObject({
        status: 0,
        stderr: expect.stringContaining("carries the metadata of parted. It stays as it is"),
      });
      expect(done.stderr).toContain("compare the copies when the mirrors are connected: drbdadm verify parted");
      expect(sum(disk)).toBe(written);
    });

    test("is taken back from LVM, those on top first", () => {
      const disk = stacked(
        "vg",
        (loop) =>
          `${loop}p1 ${loop}p1 part\ndm-1 app-pool lvm\ndm-2 app-data lvm\ndm-3 app-meta lvm\ndm-2 app-data lvm`,
      );
      const done = create("vg");
      expect(freed()).toEqual([
        "dmsetup remove app-data",
        "dmsetup remove app-meta",
        "dmsetup remove app-pool",
        `partx --delete ${disk}`,
      ]);
      expect(done).toMatchObject({ status: 0 });
    });

    test.each([
      ["read-auto", 0, "It is free again"],
      [
        "active",
        3,
        "is running in this mirror (active), and may have changed it. Stop it (mdadm --stop /dev/md127), " +
          "then pulumi up again. When the mirrors are connected, compare the copies",
      ],
    ])("an array that is %s", (state, status, message) => {
      const disk = stacked(`array-${state}`, () => "md127 md127 raid1");
      machine.ok(
        "mount -t tmpfs none /sys/class/block && mkdir -p /sys/class/block/md127/md " +
          `&& echo ${state} >/sys/class/block/md127/md/array_state`,
      );
      const done = create(`array-${state}`);
      machine.ok("umount /sys/class/block; touch /run/freed");
      expect(freed().filter(Boolean)).toEqual(
        status === 0 ? ["mdadm --stop /dev/md127", `partx --delete ${disk}`] : [],
      );
      expect(done).toMatchObject({ status, stderr: expect.stringContaining(message) });
    });

    test.each([
      [
        "a logical volume that somebody has open",
        "dm-1 app-data lvm",
        "touch /run/open",
        "app-data (lvm), made of what a client wrote on volume VOLUME, is open in this mirror (dmsetup info app-data",
      ],
      [
        "a file system that is mounted",
        "vdb1 vdb1 part /mnt",
        "true",
        "this mirror has it in use: vdb1 at /mnt. What was written that way is not on the peer. Unmount it",
      ],
      [
        "an opened LUKS container",
        "dm-0 secret crypt",
        "true",
        "is under secret (crypt), which somebody made by hand. Close it (dmsetup remove secret)",
      ],
    ])("is refused with the way out: %s", (what, device, prepare, message) => {
      const name = `held-${what.length}`;
      const disk = stacked(name, () => device);
      machine.ok(prepare);
      const written = sum(disk);
      const done = create(name);
      machine.ok("touch /run/freed");
      freed();
      expect(done).toMatchObject({ status: 3, stderr: expect.stringContaining(message.replace("VOLUME", name)) });
      expect(sum(disk)).toBe(written);
    });
  });

  test.each([
    ["ext4", (disk: string) => `mkfs.ext4 -q -F ${disk}`],
    [
      "xfs",
      (disk: string) =>
        "truncate -s 512M /tmp/xfs.img && mkfs.xfs -q -f /tmp/xfs.img && dd " +
        `if=/tmp/xfs.img of=${disk} bs=1M count=8 status=none`,
    ],
    [
      "LVM2_member",
      (disk: string) =>
        `pvcreate -q --config 'global/use_lvmpolld=0 devices/use_devicesfile=0 activation/monitoring=0' ${disk}`,
    ],
    [
      "linux_raid_member",
      (
        disk: string,
      ) => `printf '\\xfc\\x4e\\x2b\\xa9\\x01' | dd of=${disk} bs=1 seek=4096 conv=notrunc status=none; python3 -c '
import struct
data = bytearray(256)
struct.pack_into("<IIII", data, 0, 0xa92b4efc, 1, 0, 0)
data[16:32] = b"k" * 16
struct.pack_into("<Q", data, 144, 8)
struct.pack_into("<I", data, 220, 0)
total = sum(struct.unpack("<64I", data))
total = (total & 0xffffffff) + (total >> 32)
struct.pack_into("<I", data, 216, total & 0xffffffff)
disk = open("${disk}", "r+b"); disk.seek(4096); disk.write(data)'`,
    ],
    ["dos", (disk: string) => `printf 'label: dos\\n,,L\\n' | sfdisk -q --no-reread --no-tell-kernel ${disk}`],
    ["gpt", (disk: string) => `printf 'label: gpt\\n,,L\\n' | sfdisk -q --no-reread --no-tell-kernel ${disk}`],
    ["swap", (disk: string) => `mkswap -q ${disk}`],
    ["crypto_LUKS", (disk: string) => `printf 'LUKS\\xba\\xbe\\x00\\x01' | dd of=${disk} conv=notrunc status=none`],
  ])("refuses a disk with %s, which stays as it is", (type, make) => {
    const name = `foreign-${type.replaceAll("_", "-")}`;
    const disk = volume(name);
    machine.ok(make(disk));
    const before = sum(disk);
    const refused = create(name);
    expect(refused).toMatchObject({ status: 3, stderr: expect.stringContaining(`refused: ${disk} carries: `) });
    expect(refused.stderr).toContain(type);
    expect(sum(disk)).toBe(before);
  });

  test("refuses DRBD metadata that is not this volume's", () => {
    const disk = volume("strange");
    machine.ok(
      `drbdmeta 7 v08 ${disk} internal create-md </dev/null && drbdmeta 7 v08 ` +
        `${disk} internal write-dev-uuid 00000000DEADBEEF`,
    );
    const before = sum(disk);
    expect(create("strange")).toMatchObject({
      status: 3,
      stderr: expect.stringMatching(
        /metadata of something else: device UUID 00000000DEADBEEF, expected [0-9A-F]{16} for volume strange/,
      ),
    });
    expect(sum(disk)).toBe(before);
  });

  test("refuses DRBD 9 metadata", () => {
    const disk = volume("newer");
    machine.ok(`env DRBD_DRIVER_VERSION_OVERRIDE=9.1.0 drbdmeta 7 v09 ${disk} internal create-md 1 </dev/null`);
    const before = sum(disk);
    expect(create("newer")).toMatchObject({ status: 3, stderr: expect.stringContaining("expected version v08") });
    expect(sum(disk)).toBe(before);
  });

  test.each([0, 63])("refuses a disk without signature but with data in its MiB %i", (at) => {
    const name = `raw-${at}`;
    const disk = volume(name);
    machine.ok(`printf data | dd of=${disk} bs=1M seek=${at} conv=notrunc status=none`);
    const before = sum(disk);
    expect(create(name)).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("has no signature, but is not blank"),
    });
    expect(sum(disk)).toBe(before);
  });

  test("refuses a mounted disk", () => {
    const disk = volume("mounted");
    machine.ok(`mkfs.ext4 -q -F ${disk} && mkdir -p /mnt/m && mount ${disk} /mnt/m`);
    const refused = create("mounted");
    machine.ok("umount /mnt/m");
    expect(refused).toMatchObject({ status: 3, stderr: expect.stringContaining("is in use") });
  });
});
