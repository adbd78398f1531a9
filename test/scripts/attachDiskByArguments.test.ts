/** How a client's disks come to a KVM host whose libvirt takes them as QEMU's arguments. */
import { describe, expect, test } from "vitest";
import { nbd, qemu } from "./diskSamples.ts";
import { domain, playedHost } from "./playedHost.ts";

const host = playedHost();

describe("attach-disk.sh with QEMU's arguments", () => {
  const args = () => host.machine.ok("grep -c '<qemu:arg ' /run/virsh/app-1/persistent.xml || true");
  const monitored = () => JSON.parse(host.machine.ok("cat /run/virsh/app-1/qemu.json"));

  test("puts them into the definition of a domain that is off, once, beside those of others", () => {
    host.machine.ok(
      `cat >/run/virsh/app-1/persistent.xml`,
      domain("app-1")
        .replace(
          "</domain>",
          "  <qemu:commandline>\n    <qemu:arg value='-device'/>\n    <qemu:arg " +
            "value='edu'/>\n  </qemu:commandline>\n</domain>",
        )
        .replace("<domain>", "<domain xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>"),
    );
    expect(host.attach("vdb", qemu())).toMatchObject({
      status: 0,
      stderr: "attach-disk.sh: r0 is in the definition of app-1 as vdb\n",
    });
    expect(host.attach("vdb", qemu())).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(host.attach("vdc", qemu("vdc", "r2", "stack-r2"))).toMatchObject({ status: 0 });
    expect(args()).toBe("10");
    expect(host.state().disks).toEqual([
      { target: "vdb", source: "r0", protocol: "nbd" },
      { target: "vdc", source: "r2", protocol: "nbd" },
    ]);
    expect(host.script("detach-disk.sh", "app-1 vdb r0")).toMatchObject({ status: 0 });
    expect(host.script("detach-disk.sh", "app-1 vdc r2")).toMatchObject({ status: 0 });
    expect(host.machine.ok("grep 'qemu:' /run/virsh/app-1/persistent.xml | tail -n +2")).toMatchInlineSnapshot(`
      "    <qemu:arg value='-device'/>
          <qemu:arg value='edu'/>
        </qemu:commandline>"
    `);
  });

  test("plugs the disk into a running domain, which keeps it over its own restart, and out again", () => {
    host.run();
    expect(host.attach("vdb", qemu())).toMatchObject({
      status: 0,
      stderr: expect.stringContaining(
        "r0 is attached to the running app-1, target vdb; the guest knows it by its serial stack-r0",
      ),
    });
    expect(Object.keys(monitored().devices)).toEqual(["kvm-mirror-vdb"]);
    expect(args()).toBe("4");
    expect(host.state()).toMatchObject({ state: "running", disks: [{ target: "vdb", source: "r0", protocol: "nbd" }] });
    expect(host.attach("vdb", qemu())).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(host.script("detach-disk.sh", "app-1 vdb r0")).toMatchObject({ status: 0 });
    expect(monitored()).toEqual({ nodes: {}, devices: {} });
    expect(args()).toBe("0");
    expect(host.machine.ok("cat /run/virsh/app-1/persistent.xml")).toBe(domain("app-1").trimEnd());
  });

  test("what was plugged out of a running domain counts as gone, though it was started with it", () => {
    host.attach("vdb", qemu());
    host.run();
    expect(host.script("detach-disk.sh", "app-1 vdb r0")).toMatchObject({ status: 0 });
    expect(host.machine.ok("grep -c kvm-mirror-vdb /run/virsh/app-1/live.xml")).toBe("2");
    expect(host.state().disks).toEqual([]);
    expect(host.attach("vdb", qemu(), "app-2")).toMatchObject({ status: 0 });
  });

  test("goes on after an interruption between the running domain and its definition", () => {
    host.run();
    host.machine.ok("cp /run/virsh/app-1/persistent.xml /run/kept");
    host.attach("vdb", qemu());
    host.machine.ok("cp /run/kept /run/virsh/app-1/persistent.xml");
    expect(host.attach("vdb", qemu())).toMatchObject({
      status: 0,
      stderr:
        "attach-disk.sh: the running app-1 keeps its connection to r0 as it is. To change it: shut app-1 down and " +
        "start it\nattach-disk.sh: r0 is in the definition of app-1 as vdb\n",
    });
    expect(args()).toBe("4");
  });

  test.each([
    [
      "QEMU has no slot",
      qemu(),
      "PCI: slot 17 function 0 not available for virtio-blk-pci, in use by virtio-net-pci,id=net1",
    ],
    ["QEMU has none at all", qemu(), "PCI: no slot/function available for virtio-blk-pci, all in use or reserved"],
    ["libvirt has none", nbd(), "internal error: No more available PCI slots"],
  ])("says that the disk appears at the next start where %s for it", (_, disk, words) => {
    host.run();
    host.machine.ok("cat >/run/virsh/app-1/full", words);
    expect(host.attach("vdb", disk)).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("cannot be plugged in now. It appears at the next start: shut app-1 down"),
    });
    expect(
      host.machine.ok(
        "grep -c stack-r0 /run/virsh/app-1/persistent.xml; grep -c stack-r0 /run/virsh/app-1/live.xml || true",
      ),
    ).toBe("1\n0");
  });

  test("says that the disk appears at the next start where it cannot be plugged in", () => {
    host.run();
    host.machine.ok("touch /run/virsh/app-1/q35");
    expect(host.attach("vdb", qemu())).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("cannot be plugged in now. It appears at the next start: shut app-1 down"),
    });
    expect(args()).toBe("4");
    expect(monitored().nodes).toEqual({});
  });

  test("names the cause when the export does not answer, and leaves the definition as it was", () => {
    host.run();
    host.machine.ok("touch /run/virsh/unreachable");
    expect(host.attach("vdb", qemu())).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("the export on 10.20.0.10:10809 must be up, and must admit this host"),
    });
    expect(args()).toBe("0");
  });

  test(
    "takes the place of libvirt's form in the definition, and gives it back to " +
      "a newer libvirt; the running domain keeps its disk",
    () => {
      host.attach("vdb", nbd());
      host.run();
      expect(host.attach("vdb", qemu())).toMatchObject({
        status: 0,
        stderr:
          "attach-disk.sh: the running app-1 keeps its connection to r0 as it is. To change it: shut app-1 down and " +
          "start it\nattach-disk.sh: r0 is in the definition of app-1 as vdb, in a new form\n",
      });
      expect(host.machine.ok("grep -c stack-r0 /run/virsh/app-1/persistent.xml /run/virsh/app-1/live.xml")).toBe(
        "/run/virsh/app-1/persistent.xml:1\n/run/virsh/app-1/live.xml:1",
      );
      host.machine.ok("touch /run/virsh/reconnects");
      expect(host.attach("vdb", nbd().replace("</source>", "<reconnect delay='300'/>\n</source>"))).toMatchObject({
        status: 0,
        stderr: expect.stringContaining("in a new form"),
      });
      expect(args()).toBe("0");
      expect(host.machine.ok("grep -c reconnect /run/virsh/app-1/persistent.xml")).toBe("1");
    },
  );

  test("changed options change the definition", () => {
    host.attach("vdb", qemu());
    expect(host.attach("vdb", qemu().replace('"reconnect-delay":300', '"reconnect-delay":60'))).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("in a new form"),
    });
    expect(host.machine.ok("grep -c 'reconnect-delay\":60' /run/virsh/app-1/persistent.xml")).toBe("1");
    expect(args()).toBe("4");
  });

  test.each([
    [
      "another disk on the target",
      () => host.attach("vdb", qemu("vdb", "r9", "stack-r9")),
      "has another disk on target vdb",
    ],
    [
      "the same volume in another domain",
      () => host.attach("vdb", qemu(), "app-2"),
      "is already the disk vdb (virtio) of domain app-1",
    ],
    [
      "a PCI slot that is taken",
      () => host.attach("vdc", qemu("vdc", "r2", "stack-r2"), "app-3"),
      "PCI slot 0x12 of app-3 is taken by another device, and target vdc needs it",
    ],
    [
      "libvirt's form where libvirt drops <reconnect>",
      () =>
        host.attach("vdd", nbd("vdd", "r4", "stack-r4").replace("</source>", "<reconnect delay='300'/>\n</source>")),
      "libvirt did not keep the disk vdd as given",
    ],
  ])("refuses %s", (_, attempt, words) => {
    host.machine.ok(
      "mkdir /run/virsh/app-3 && cat >/run/virsh/app-3/persistent.xml",
      domain("app-3").replace(
        "</disk>",
        "<address type='pci' domain='0x0000' bus='0x00' slot='0x12' function='0x0'/>\n</disk>",
      ),
    );
    host.attach("vdb", qemu());
    expect(attempt()).toMatchObject({ status: 3, stderr: expect.stringContaining(words) });
    expect(host.machine.ok("grep -c serial /run/virsh/app-1/persistent.xml")).toBe(
      words.includes("libvirt did not") ? "2" : "1",
    );
  });
});
