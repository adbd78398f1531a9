/** What a KVM host tells of the space in its pools. */
import { expect, test } from "vitest";
import { playedHost } from "./playedHost.ts";

const host = playedHost();
const MiB = 1024 ** 2;

test("client-state.sh counts what disks of ours may still take, and nobody else's", () => {
  host.machine.ok(`mkdir -p /run/pools/default /var/lib/libvirt/kvm-mirror/default
    mount -t tmpfs -o size=64m none /run/pools/default && cd /run/pools/default
    truncate -s 500G stack.mirror-a.r0.raw; fallocate -l 8M stack.mirror-a.r1.raw; truncate -s 900G somebody.raw
    qemu-img create -q -f qcow2 stack.mirror-a.os.qcow2 16M
    # What a guest writes is not the header of its disk.
    qemu-img create -q -f qcow2 /tmp/trap 100T && dd if=/tmp/trap of=stack.mirror-a.r1.raw conv=notrunc status=none
    touch /var/lib/libvirt/kvm-mirror/default/stack.mirror-a.{r0.raw,r1.raw,os.qcow2,gone.raw}`);
  const os = Number(host.machine.ok("stat -c %b /run/pools/default/stack.mirror-a.os.qcow2")) * 512;
  const seen = JSON.parse(host.script("client-state.sh", "app-1").stdout);
  host.machine.ok("umount /run/pools/default");
  expect(seen.pools).toEqual([
    { name: "default", free: expect.any(Number), promised: 500 * 1024 * MiB + 16 * MiB - os },
  ]);
  expect(seen.pools[0].free).toBeLessThan(56 * MiB);
});

test("client-state.sh of a host without anything of ours names no pool", () => {
  host.machine.ok("rm -rf /var/lib/libvirt/kvm-mirror");
  expect(JSON.parse(host.script("client-state.sh", "app-1").stdout)).toMatchObject({
    domains: [{ name: "app-1" }],
    pools: [],
  });
});
