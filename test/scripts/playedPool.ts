import { beforeEach } from "vitest";
import { domain, playedHost } from "./playedHost.ts";

/** What is in the pool before bench comes. */
export const kept = "lab.mirror-a.r0.raw";

/** A KVM host with a client and a mirror that run, and a pool; for the tests of a file. */
export function playedPool() {
  const host = playedHost();

  const model = `    <disk type='file' device='disk'>
      <driver name='qemu' type='raw' cache='none' io='native'/>
      <source file='/run/pools/default/lab.mirror-a.r0.raw'/>
      <target dev='vdb' bus='virtio'/>
      <serial>r0</serial>
    </disk>
  </devices>`;
  const bench = (args: string) => host.script("bench-disks.sh", args);
  const xml = (which: "live" | "persistent", name = "app-1") =>
    host.machine.sh(`cat /run/virsh/${name}/${which}.xml`).stdout;
  const volumes = () => host.machine.ok("ls /run/pools/default");
  const on = (buses = "virtio sata") => bench(`on 5 app-1 1048576 mirror-a r0 ${buses}`);
  const plug = (name = "mirror-a") => bench(`plug 1 ${name} 1048576 mirror-a r0`);

  beforeEach(() => {
    host.machine.ok(
      "rm -rf /run/pools && mkdir -p /run/pools/default /run/virsh/mirror-a && " +
        `touch /run/pools/default/${kept} && cat >/run/virsh/mirror-a/persistent.xml && ` +
        "cp /run/virsh/mirror-a/persistent.xml /run/virsh/mirror-a/live.xml",
      domain("mirror-a").replace("  </devices>", model),
    );
    host.run();
  });
  return { host, bench, xml, volumes, on, plug };
}
