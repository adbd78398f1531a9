import { afterAll, beforeAll } from "vitest";
import { Machine } from "./machine.ts";

export const lvmDisk = "/dev/disk/by-id/virtio-kvm-mirror.lvm";

/** A mirror with LVM, for the tests of a file: real LVM2 on loop devices; machine/lvchange plays the kernel. */
export function playedLvm() {
  let machine: Machine;
  let disks = 0;
  beforeAll(async () => {
    machine = await Machine.start();
    // Other tests on this computer have loop devices with groups of the same name.
    machine.ok(
      `printf 'global { activation = 0 }\\ndevices { filter = [ "a|^${lvmDisk}$|", "r|.*|" ] }\\n' \
      >/etc/lvm/lvm.conf; printf 'local {\\n}\\n' >/etc/lvm/lvmlocal.conf
      cat >/etc/drbd.conf; mkdir -p /dev/disk/by-id`,
      'include "drbd.d/global_common.conf";\ninclude "drbd.d/*.res";\n',
    );
    machine.ok("echo 'global { usage-count no; }' >/etc/drbd.d/global_common.conf");
  });
  const deactivate = () => machine.ok("rm -rf /run/lvm-busy; vgchange --activate n kvm-mirror");
  afterAll(() => {
    if (!machine) return;
    deactivate();
    machine.stop();
  });
  return {
    get machine() {
      return machine;
    },
    /** A fresh LVM disk, on a mirror that has never had one. Returns its loop device. */
    freshDisk(mebibytes: number): string {
      deactivate();
      const disk = machine.disk(`lvm-${disks++}`, mebibytes);
      machine.ok(`ln -sfn ${disk} ${lvmDisk}; rm -rf /var/lib/kvm-mirror /etc/drbd.d/*.res /run/drbd/*.state
        rm -f /etc/systemd/system/multi-user.target.wants/kvm-mirror-lvm.service`);
      return disk;
    },
    group: (number = 1) => machine.guest("volume-group.sh", ["--disk", String(number)]),
    volume: (name: string, mebibytes: number, number = 1) =>
      machine.guest("logical-volume.sh", [name, String(mebibytes * 1024 ** 2), "--disk", String(number)]),
    sum: (disk: string) => machine.ok(`blockdev --flushbufs ${disk}; sha256sum <${disk}`),
    /** Logical volumes by name, with their MiB. */
    volumes: () =>
      machine
        .ok("lvs --noheadings --nosuffix --units m -o lv_name,lv_size kvm-mirror 2>/dev/null")
        .split("\n")
        .map((line) => line.trim().replace(/ +/, " ").replace(/\.00$/, ""))
        .filter(Boolean),
  };
}
