import { DOMParser } from "@xmldom/xmldom";
import { describe, expect, it } from "vitest";
import type { ClientDiskPlan } from "../../../src/plan/clients/clients.ts";
import { renderClientDisk, renderDiskOf } from "../../../src/render/exports/clientDisk.ts";
import { nbdForm, reaches } from "../../../src/render/exports/nbd/nbdForm.ts";
import { renderQemuDisk } from "../../../src/render/exports/nbd/qemuDisk.ts";
import { planOf } from "./sample.ts";

function diskOf(client: string): ClientDiskPlan {
  const disk = planOf().clients.find(({ name }) => name === client)?.disks[0];
  if (!disk) throw new Error(`the sample has no disk of ${client}`);
  return disk;
}

function nbdDisk(): ClientDiskPlan<"nbd"> {
  const disk = diskOf("app-1");
  if (disk.protocol !== "nbd") throw new Error("the sample's app-1 has its disk by NBD");
  return disk;
}

/** The first libvirt that knows `<reconnect>`. */
const newer = { libvirt: "9.2.0", qemu: "7.2.0" };

describe("a client's disk", () => {
  it("by NBD", () => {
    expect(renderClientDisk(diskOf("app-1"), "kvm-a", newer)).toMatchInlineSnapshot(`
      "<disk type='network' device='disk'>
        <driver name='qemu' type='raw' cache='none' error_policy='stop' rerror_policy='stop'/>
        <source protocol='nbd' name='r0'>
          <host name='10.20.0.10' port='10809'/>
          <reconnect delay='300'/>
        </source>
        <target dev='vdb' bus='virtio'/>
        <serial>r0</serial>
      </disk>
      "
    `);
  });

  it("by iSCSI, with the initiator of the host", () => {
    expect(renderClientDisk(diskOf("db-1"), "kvm-b", newer)).toMatchInlineSnapshot(`
      "<disk type='network' device='disk'>
        <driver name='qemu' type='raw' cache='none' error_policy='stop' rerror_policy='stop'/>
        <source protocol='iscsi' name='iqn.2026-11.net.example:r1/1'>
          <host name='10.20.0.10' port='3260'/>
          <initiator>
            <iqn name='iqn.2026-11.net.example:r1:db-1.kvm-b'/>
          </initiator>
        </source>
        <target dev='sdc' bus='sata'/>
        <serial>r1</serial>
      </disk>
      "
    `);
  });

  it("has an initiator on the client's hosts only", () => {
    expect(() => renderClientDisk(diskOf("db-1"), "kvm-a", newer)).toThrow(
      "disk sdc of volume r1 has no initiator name for host kvm-a",
    );
  });

  it("keeps odd names as they are, as XML", () => {
    const sourceName = `a'b"<c>&d`;
    const xml = renderClientDisk({ ...diskOf("app-1"), sourceName }, "kvm-a", newer);
    expect(
      new DOMParser().parseFromString(xml, "text/xml").getElementsByTagName("source")[0]?.getAttribute("name"),
    ).toBe(sourceName);
    expect(() => renderClientDisk({ ...diskOf("app-1"), serial: "\u0001" }, "kvm-a", newer)).toThrow(
      "control characters",
    );
  });
});

describe("the form of an NBD disk", () => {
  const debian12 = { libvirt: "9.0.0", qemu: "7.2.22" };

  it.each([
    ["Ubuntu 22.04", "8.0.0", "6.2.0", "qemu"],
    ["Debian 12", "9.0.0", "7.2.22", "qemu"],
    ["the last without", "9.1.99", "8.0.0", "qemu"],
    ["the first with", "9.2.0", "7.2.0", "libvirt"],
    ["Ubuntu 24.04", "10.0.0", "8.2.2", "libvirt"],
  ])("follows the host's versions: %s", (_, libvirt, qemu, form) => {
    expect(nbdForm({ libvirt, qemu })).toBe(form);
  });

  it("is refused where QEMU cannot wait", () => {
    expect(() => nbdForm({ libvirt: "5.0.0", qemu: "3.1.0" })).toThrow(
      "QEMU 3.1.0 cannot wait for an NBD server that is away; 4.2.0 is the first that can",
    );
    expect(() => nbdForm({ libvirt: "unknown", qemu: "7.2.0" })).toThrow('"unknown" is no version');
    expect(reaches("9.2", "9.2.0")).toBe(true);
  });

  it("is one of arguments for QEMU where libvirt has no <reconnect>", () => {
    expect(renderClientDisk(diskOf("app-1"), "kvm-a", debian12)).toMatchInlineSnapshot(`
      "<qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
        <qemu:arg value='-blockdev'/>
        <qemu:arg value='{"driver":"nbd","node-name":"kvm-mirror-vdb","server":{"type":"inet","host":"10.20.0.10","port":"10809","keep-alive":true},"export":"r0","reconnect-delay":300,"cache":{"direct":true,"no-flush":false}}'/>
        <qemu:arg value='-device'/>
        <qemu:arg value='{"driver":"virtio-blk-pci","id":"kvm-mirror-vdb","drive":"kvm-mirror-vdb","serial":"r0","werror":"stop","rerror":"stop","write-cache":"on","addr":"0x11"}'/>
      </qemu:commandline>
      "
    `);
  });

  it("on SATA has a controller of its own", () => {
    expect(renderQemuDisk({ ...nbdDisk(), bus: "sata", target: "sdb" })).toMatchInlineSnapshot(`
      "<qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
        <qemu:arg value='-blockdev'/>
        <qemu:arg value='{"driver":"nbd","node-name":"kvm-mirror-sdb","server":{"type":"inet","host":"10.20.0.10","port":"10809","keep-alive":true},"export":"r0","reconnect-delay":300,"cache":{"direct":true,"no-flush":false}}'/>
        <qemu:arg value='-device'/>
        <qemu:arg value='{"driver":"ahci","id":"kvm-mirror-sdb-ahci","addr":"0x18"}'/>
        <qemu:arg value='-device'/>
        <qemu:arg value='{"driver":"ide-hd","id":"kvm-mirror-sdb","drive":"kvm-mirror-sdb","serial":"r0","werror":"stop","rerror":"stop","write-cache":"on","bus":"kvm-mirror-sdb-ahci.0"}'/>
      </qemu:commandline>
      "
    `);
  });

  it("does not change iSCSI, nor anything where libvirt knows <reconnect>", () => {
    expect(renderClientDisk(diskOf("db-1"), "kvm-b", debian12)).toBe(renderClientDisk(diskOf("db-1"), "kvm-b", newer));
    expect(renderClientDisk(diskOf("app-1"), "kvm-a", newer)).toContain("<reconnect delay='300'/>");
  });

  it("keeps odd names as they are, through JSON and XML", () => {
    const sourceName = `a'b"<c>&d`;
    const xml = renderQemuDisk({ ...nbdDisk(), sourceName });
    const values = [...new DOMParser().parseFromString(xml, "text/xml").getElementsByTagName("qemu:arg")].map(
      (arg) => arg.getAttribute("value") ?? "",
    );
    expect(JSON.parse(values[1] ?? "")).toMatchObject({ export: sourceName });
  });

  it("has room for fourteen disks, each in a slot of its own", () => {
    const slot = (target: string): string | undefined =>
      /"addr":"(0x1[0-9a-f])"/.exec(renderQemuDisk({ ...nbdDisk(), target }))?.[1];
    const targets = ["vdb", "vdc", "vdd", "vde", "vdf", "vdg", "vdh", "sdb", "sdc", "sdd", "sde", "sdf", "sdg", "sdh"];
    expect(new Set(targets.map(slot)).size).toBe(14);
    expect([slot("vdb"), slot("sdh")]).toEqual(["0x11", "0x1e"]);
    expect(() => slot("vdi")).toThrow("target vdi cannot be had by NBD where libvirt is older than 9.2");
  });
});

describe("a disk that a KVM host cannot give", () => {
  const said = (target: string, libvirt: string, qemu: string) => () =>
    renderDiskOf(["clients", "app-1", "disks", 7], { ...diskOf("app-1"), target }, "kvm-a", { libvirt, qemu });

  it("is a mistake of the stack file, with its key: the eighth one by NBD where libvirt is older than 9.2", () => {
    expect(said("vdi", "9.0.0", "7.2.0")).toThrow(
      'kvm-mirror:clients.app-1.disks[7].target = "vdi": cannot be had by nbd on KVM host kvm-a, whose libvirt 9.0.0 ' +
        "is older than 9.2: use one of vdb to vdh or sdb to sdh, protocol iscsi, or a newer libvirt",
    );
    expect(said("vdi", "9.2.0", "7.2.0")).not.toThrow();
    expect(said("vdh", "9.0.0", "7.2.0")).not.toThrow();
  });

  it("is a mistake of the stack file, with its key: one by NBD where QEMU cannot wait", () => {
    expect(said("vdb", "9.0.0", "3.1.0")).toThrow(
      'kvm-mirror:clients.app-1.disks[7].protocol = "nbd": cannot be had on KVM host kvm-a: its QEMU 3.1.0 cannot ' +
        "wait for an NBD server that is away; attach the disk by iscsi, or upgrade QEMU to 4.2 or newer",
    );
  });
});
