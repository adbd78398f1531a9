/** bench-disks.sh: disks that bench compares with come and go, and nothing else of a domain or a pool changes. */
import { describe, expect, test } from "vitest";
import { domain } from "./playedHost.ts";
import { kept, playedPool } from "./playedPool.ts";

const { host, bench, xml, volumes, on } = playedPool();

describe("on", () => {
  test("restarts the domain with a disk a bus like the model; its definition is as it was", () => {
    const before = xml("persistent");
    expect(on()).toMatchObject({ status: 0, stdout: "" });
    expect(xml("persistent")).toBe(before);
    expect(volumes()).toBe(`kvm-mirror-bench.app-1.sata\nkvm-mirror-bench.app-1.virtio\n${kept}`);
    expect(xml("live")).toContain(
      [
        "<disk type='file' device='disk'>",
        "  <driver name='qemu' type='raw' cache='none' io='native'/>",
        "  <source file='/run/pools/default/kvm-mirror-bench.app-1.sata'/>",
        "  <target dev='sdb' bus='sata'/>",
        "  <serial>bench-direct-sata</serial>",
        "</disk>",
      ].join("\n"),
    );
    expect(xml("live")).toContain("<target dev='vdb' bus='virtio'/>\n  <serial>bench-direct-virtio</serial>");
  });

  test("takes targets that nobody has, also none of a disk that libvirt does not know", () => {
    host.machine.ok(
      "cat >/run/virsh/app-1/persistent.xml",
      domain("app-1").replace(
        "  </devices>",
        "    <disk type='network'>\n      <target dev='vdb' bus='virtio'/>\n    </disk>\n  </devices>\n" +
          `  <qemu:arg xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0' value='{"id":"kvm-mirror-sdb"}'/>`,
      ),
    );
    on();
    expect(xml("live")).toContain("<target dev='vdc' bus='virtio'/>\n  <serial>bench-direct-virtio</serial>");
    expect(xml("live")).toContain("<target dev='sdc' bus='sata'/>\n  <serial>bench-direct-sata</serial>");
  });

  test("begins anew where a run was killed", () => {
    on();
    expect(on("sata")).toMatchObject({ status: 0 });
    expect(volumes()).toBe(`kvm-mirror-bench.app-1.sata\n${kept}`);
    expect(xml("live")).not.toContain("bench-direct-virtio");
  });

  test("where a disk is not taken: the definition is put back, and the domain runs", () => {
    const before = xml("persistent");
    host.machine.ok("touch /run/virsh/app-1/refuses");
    expect(on()).toMatchObject({ status: 1, stderr: expect.stringContaining("app-1 takes no virtio disk") });
    expect(xml("persistent")).toBe(before);
    expect(xml("live")).toBe(before);
  });

  test("a guest that does not shut down keeps running, and nothing is attached", () => {
    const before = xml("persistent");
    host.machine.ok("touch /run/virsh/app-1/deaf");
    expect(bench("on 1 app-1 1048576 mirror-a r0 sata")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("did not shut down within 1 s and runs on"),
    });
    expect([xml("persistent"), xml("live")]).toEqual([before, before]);
  });

  test("a pool without room ends it before the domain is touched", () => {
    host.machine.ok("touch /run/virsh/pool-full");
    const before = xml("live");
    expect(on()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("pool default gives no volume of 1048576 bytes"),
    });
    expect(xml("live")).toBe(before);
  });

  test.each([
    ["a model that is not there", "mirror-a r9", "domain mirror-a has no disk with serial r9"],
    ["a model in no pool", "mirror-a elsewhere", "is in no pool of libvirt"],
  ])("refuses %s", (_, like, words) => {
    host.machine.ok(
      "sed -i \"s|</devices>|<disk type='file'>\\n<driver name='qemu'/>\\n<source file='/elsewhere'/>\\n" +
        '<serial>elsewhere</serial>\\n</disk></devices>|" /run/virsh/mirror-a/persistent.xml',
    );
    expect(bench(`on 5 app-1 1048576 ${like} sata`)).toMatchObject({
      status: 3,
      stderr: expect.stringContaining(words),
    });
    expect(volumes()).toBe(kept);
  });

  test("refuses a domain that is off, or is not known", () => {
    host.machine.ok("rm /run/virsh/app-1/live.xml");
    expect(on()).toMatchObject({ status: 3, stderr: expect.stringContaining("app-1 does not run here") });
    expect(bench("on 5 app-9 1048576 mirror-a r0 sata").status).toBe(3);
  });
});

test("other words are no command", () => {
  for (const args of ["", "on 5 app-1", "off app-1", "plug 1 a 1 b c virtio", "on 5 app-1 9 a b scsi"])
    expect(bench(args).status).toBe(2);
});
