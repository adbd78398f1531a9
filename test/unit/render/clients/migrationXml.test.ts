/** A client's XML on another KVM host: the guest sees what it saw, and each host has its own files and names. */
import { describe, expect, it } from "vitest";
import {
  argumentDisks,
  cpuOf,
  fileOf,
  networkDisks,
  ownDisks,
  renderMigrationXml,
} from "../../../../src/render/clients/migrationXml.ts";

const disk = (target: string, type: string, source: string, more = ""): string =>
  `<disk type='${type}' device='disk'>${source}<target dev='${target}' bus='virtio'/>${more}</disk>`;
const argument = (json: string): string => `<qemu:arg value='${json.replaceAll('"', "&quot;")}'/>`;
interface Said {
  readonly host: string;
  readonly emulator?: string;
  readonly disks?: string;
  readonly nic?: string;
  readonly slot?: string;
}

function domain({ host, emulator = "/usr/bin/qemu-system-x86_64", disks, nic, slot = "" }: Said): string {
  const own = disk("vda", "file", `<source file='/pool-${host}/app-1.os.qcow2'/>`, slot);
  const iscsi = disk(
    "vdc",
    "network",
    `<source protocol='iscsi' name='iqn.2026-11.net.example:r1/1'><host name='10.20.0.10' port='3260'/>` +
      `<initiator><iqn name='iqn.2026-11.net.example:r1:app-1.${host}'/></initiator></source>`,
    slot,
  );
  const seed = disk("vdzz", "file", `<source file='/pool-${host}/app-1.seed.iso'/>`, "<readonly/>");
  return `<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <name>app-1</name>
  <metadata><kvm-mirror:owner xmlns:kvm-mirror="https://pulumi.com/kvm-mirror" resource="app-1-${host}"/></metadata>
  <os><type arch='x86_64' machine='pc-i440fx-7.2'>hvm</type></os>
  <cpu mode='custom' match='exact' check='full'><model fallback='forbid'>Skylake-Server</model></cpu>
  <devices><emulator>${emulator}</emulator>${disks ?? own + iscsi + seed}
    ${nic ?? `<interface type='network'><mac address='52:54:00:56:24:7C'/><source network='lan'/>${slot}</interface>`}
  </devices>
  <seclabel type='dynamic' model='apparmor'/>
  <qemu:commandline><qemu:arg value='-blockdev'/>${argument('{"driver":"nbd","node-name":"kvm-mirror-vdb"}')}
    <qemu:arg value='-device'/>${argument('{"driver":"virtio-blk-pci","id":"kvm-mirror-vdb"}')}</qemu:commandline>
</domain>`;
}
const address = "<address type='pci' slot='0x04'/>";
const token = "0123456789abcdef0123456789abcdef";
const migrate = (running: Said, defined: Said): string =>
  renderMigrationXml({ running: domain(running), defined: domain(defined), token });

describe("the XML of a migration", () => {
  it("has what is the other host's own from its definition there, and the rest as it runs", () => {
    const bridge = "<interface type='bridge'><mac address='52:54:00:56:24:7c'/><source bridge='br0'/></interface>";
    expect(
      migrate({ host: "kvm-a", slot: address }, { host: "kvm-b", emulator: "/opt/qemu", nic: bridge }),
    ).toMatchInlineSnapshot(`
      "<domain type="kvm" xmlns:qemu="http://libvirt.org/schemas/domain/qemu/1.0">
        <name>app-1</name>
        <os><type arch="x86_64" machine="pc-i440fx-7.2">hvm</type></os>
        <cpu mode="custom" match="exact" check="full"><model fallback="forbid">Skylake-Server</model></cpu>
        <devices><emulator>/opt/qemu</emulator><disk type="file" device="disk"><target dev="vda" bus="virtio"/><address type="pci" slot="0x04"/><source file="/pool-kvm-b/app-1.os.qcow2"/></disk><disk type="network" device="disk"><target dev="vdc" bus="virtio"/><address type="pci" slot="0x04"/><source protocol="iscsi" name="iqn.2026-11.net.example:r1/1"><host name="10.20.0.10" port="3260"/><initiator><iqn name="iqn.2026-11.net.example:r1:app-1.kvm-b"/></initiator></source></disk><disk type="file" device="disk"><target dev="vdzz" bus="virtio"/><readonly/><source file="/pool-kvm-b/app-1.seed.iso"/></disk>
          <interface type="bridge"><mac address="52:54:00:56:24:7C"/><address type="pci" slot="0x04"/><source bridge="br0"/></interface>
        </devices>
        <qemu:commandline><qemu:arg value="-blockdev"/><qemu:arg value="{&quot;driver&quot;:&quot;nbd&quot;,&quot;node-name&quot;:&quot;kvm-mirror-vdb&quot;}"/>
          <qemu:arg value="-device"/><qemu:arg value="{&quot;driver&quot;:&quot;virtio-blk-pci&quot;,&quot;id&quot;:&quot;kvm-mirror-vdb&quot;}"/></qemu:commandline>
      <metadata><kvm-mirror:owner xmlns:kvm-mirror="https://pulumi.com/kvm-mirror" resource="app-1-kvm-b"/><migration:migration xmlns:migration="https://pulumi.com/kvm-mirror/migration" token="0123456789abcdef0123456789abcdef"/></metadata></domain>"
    `);
  });

  it("has the token in a name space of its own: of one name space libvirt keeps one element", () => {
    const xml = migrate({ host: "kvm-a" }, { host: "kvm-b" });
    expect(xml.match(/xmlns:(?:kvm-mirror|migration)="[^"]*"/g)).toEqual([
      'xmlns:kvm-mirror="https://pulumi.com/kvm-mirror"',
      'xmlns:migration="https://pulumi.com/kvm-mirror/migration"',
    ]);
  });

  it("is none where the other host lacks a device", () => {
    expect(() => migrate({ host: "kvm-a" }, { host: "kvm-b", disks: "" })).toThrow(
      "its definition there has no disk vda, and the running one has",
    );
    expect(() => migrate({ host: "kvm-a" }, { host: "kvm-b", nic: "" })).toThrow(
      "its definition there has no interface 52:54:00:56:24:7c, and the running one has",
    );
    expect(() => renderMigrationXml({ running: "<domain", defined: domain({ host: "b" }), token })).toThrow(
      "the running client: not readable as XML",
    );
  });
});

describe("of a client's disks", () => {
  const xml = domain({ host: "kvm-a" });

  it("its host's own are those that are no network's, and that it writes to", () => {
    expect(ownDisks(xml)).toEqual(["vda"]);
    expect(ownDisks(domain({ host: "a", disks: disk("vda", "block", "<source dev='/dev/vg/app'/>") }))).toEqual([
      "vda",
    ]);
    expect(networkDisks(xml)).toEqual(["vdc"]);
    expect(argumentDisks(xml)).toEqual(["vdb"]);
    expect(argumentDisks("<domain><devices/></domain>")).toEqual([]);
  });

  it("each has its file or device", () => {
    expect(fileOf(xml, "vda")).toBe("/pool-kvm-a/app-1.os.qcow2");
    expect(fileOf(domain({ host: "a", disks: disk("vda", "block", "<source dev='/dev/vg/app'/>") }), "vda")).toBe(
      "/dev/vg/app",
    );
    expect(fileOf(xml, "vdx")).toBeUndefined();
  });
});

describe("what the other host's CPU is asked", () => {
  it("is whether it has the model that the guest sees, or all that its host has, which the guest sees as it is", () => {
    expect(cpuOf(domain({ host: "kvm-a" }), "<cpu/>")).toEqual({
      args: ["kvm", "pc-i440fx-7.2"],
      xml: expect.stringContaining('<model fallback="forbid">Skylake-Server</model>'),
    });
    const cpu = (mode: string) => `<domain type='kvm'><cpu mode='${mode}'/></domain>`;
    expect(cpuOf(cpu("host-passthrough"), "<cpu>its host's</cpu>")).toEqual({
      args: ["host"],
      xml: "<cpu>its host's</cpu>",
    });
    expect(cpuOf("<domain type='qemu'/>", "<cpu/>")).toBeUndefined();
  });
});
