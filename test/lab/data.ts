/** That both mirrors have what a client wrote. */
import { describe, expect, it } from "vitest";
import { client, mirrorA, mirrorB } from "./guests.ts";
import { inGuest, onHost, succeed } from "./lab.ts";

/** Ends with the group served by mirror-a, and the client shut down. */
export function dataOnBothMirrors(): void {
  describe("the data", () => {
    it("that a client writes by NBD and iSCSI is on both mirrors' disks, bit for bit", async () => {
      const {
        status,
        output,
        stdout: written,
      } = await inGuest(
        client,
        [
          "set -eu",
          // Neither its OS disk nor its seed has a serial.
          'i=0; for disk in $(lsblk -dno NAME,TYPE,SERIAL | awk \'$2 == "disk" && $3 != "" {print $1}\'); do',
          "mkfs.ext4 -q -F /dev/$disk; mkdir -p /mnt/$disk; mount /dev/$disk /mnt/$disk",
          "dd if=/dev/urandom of=/mnt/$disk/filling bs=1M count=64 conv=fsync status=none; " +
            "sha256sum < /mnt/$disk/filling; umount /mnt/$disk; done",
        ].join("\n"),
        { timeout: 600 },
      );
      // A client that stands still tells nothing itself.
      const seen =
        status === 0
          ? ""
          : (
              await onHost(
                "kvm-a",
                "virsh domstate --reason app-1; virsh qemu-monitor-command app-1 --hmp info block; ss -tnp state " +
                  "all '( dport = :10809 or dport = :3260 )'; tail -n 20 /var/log/libvirt/qemu/app-1.log",
              )
            ).output;
      expect(status, `${output}\n${seen}`).toBe(0);
      const sums = written.match(/[0-9a-f]{64}/g) ?? [];
      expect(sums).toHaveLength(2);
      await succeed(
        onHost(
          "kvm-a",
          'virsh shutdown app-1 && for i in $(seq 300); do [ "$(virsh domstate app-1 | ' +
            "head -n1)\" = 'shut off' ] && exit 0; sleep 1; done; exit 1",
          { timeout: 400 },
        ),
      );
      // As their timer has it done, on the mirror where they are Secondary.
      const compared = await succeed(
        inGuest(
          mirrorB,
          "systemctl is-active kvm-mirror-verify.timer && systemctl start kvm-mirror-verify.service && " +
            "journalctl -u kvm-mirror-verify --no-pager -o cat",
          { timeout: 600 },
        ),
      );
      for (const volume of ["r0", "r1"])
        expect(compared).toMatch(
          new RegExp(`^verify\\.sh: volume ${volume}: its copies are equal, after \\d+ s$`, "m"),
        );
      await succeed(inGuest(mirrorA, "/usr/local/lib/kvm-mirror/group-stop.sh main", { timeout: 300 }));
      const copies = [];
      for (const mirror of [mirrorA, mirrorB]) {
        const found = await succeed(
          inGuest(
            mirror,
            [
              "set -eu",
              "for volume in r0 r1; do",
              // A Secondary's device cannot be opened; the kernel tells its size all the same.
              "bytes=$(($(cat /sys/block/$(basename $(drbdadm sh-dev $volume))/size) * 512))",
              "disk=$(drbdadm sh-ll-dev $volume); drbdadm down $volume",
              "head -c $bytes $disk | sha256sum",
              "mkdir -p /mnt/$volume; mount -t ext4 -o ro,noload $disk /mnt/$volume; " +
                "sha256sum < /mnt/$volume/filling; umount /mnt/$volume",
              "drbdadm up $volume; done",
            ].join("\n"),
            { timeout: 600 },
          ),
        );
        copies.push(found.match(/[0-9a-f]{64}/g) ?? []);
      }
      expect(copies[0]).toHaveLength(4);
      expect(copies[1]).toEqual(copies[0]);
      expect([copies[0]?.[1], copies[0]?.[3]].sort()).toEqual([...sums].sort());
      await succeed(inGuest(mirrorA, "/usr/local/lib/kvm-mirror/group-start.sh main", { timeout: 300 }));
    });
  });
}
