import { resolve } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { Machine } from "./machine.ts";

export const zfsDisk = "/dev/disk/by-id/virtio-kvm-mirror.zfs";
export const pool = "kvm-mirror-zfs";

const plays = resolve(import.meta.dirname, "zfs/zpool");

/** A mirror with ZFS, for the tests of a file: zfs/zpool plays both of its commands. */
export function playedZfs() {
  let machine: Machine;
  let disks = 0;
  beforeAll(async () => {
    machine = await Machine.start();
    machine.ok(
      `for name in zpool zfs; do ln -sfn ${plays} /usr/sbin/$name; done
      mkdir -p /dev/disk/by-id /run/zfs-module/parameters; cat >/etc/drbd.conf
      echo 'global { usage-count no; }' >/etc/drbd.d/global_common.conf`,
      'include "drbd.d/global_common.conf";\ninclude "drbd.d/*.res";\n',
    );
  });
  const away = () => machine.sh(`rm -rf /run/zfs-busy; zpool export ${pool}`);
  afterAll(() => {
    if (!machine) return;
    away();
    machine.stop();
  });
  return {
    get machine() {
      return machine;
    },
    /** A fresh ZFS disk, on a mirror that has never had one. Returns its loop device. */
    freshDisk(mebibytes: number): string {
      away();
      const disk = machine.disk(`zfs-${disks++}`, mebibytes);
      machine.ok(`ln -sfn ${disk} ${zfsDisk}; ln -sfn ${disk} ${zfsDisk}-part1
        rm -rf /var/lib/kvm-mirror /etc/drbd.d/*.res /run/drbd/*.state /tmp/zvols
        rm -f /etc/systemd/system/multi-user.target.wants/kvm-mirror-zfs.service`);
      return disk;
    },
    pool: (number = 1, compression = "lz4", scrub = "never") =>
      machine.guest("pool.sh", ["--disk", String(number), "--compression", compression, "--scrub", scrub]),
    volume: (name: string, mebibytes: number, number = 1) =>
      machine.guest("zvol.sh", [name, String(mebibytes * 1024 ** 2), "--disk", String(number)]),
    sum: (disk: string) => machine.ok(`blockdev --flushbufs ${disk}; sha256sum <${disk}`),
    /** Zvols by name, with their MiB. */
    volumes: () =>
      machine
        .ok(`for name in $(zfs list -H -o name -t volume -r ${pool}); do
          echo "\${name#*/} $(($(zfs get -Hp -o value volsize $name) >> 20))"; done`)
        .split("\n")
        .filter(Boolean)
        .toSorted(),
  };
}
