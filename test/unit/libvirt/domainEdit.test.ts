import { expect, test } from "vitest";
import { editDomain } from "../../../plugins/libvirt/domain/domainEdit.ts";
import type { DomainEdit } from "../../../plugins/libvirt/domain/domainEdit.ts";
import { domainInputsOf } from "../../../plugins/libvirt/domain/domainRead.ts";
import { restartWords } from "../../../plugins/libvirt/domain/domainState.ts";
import { viewDomain } from "../../../plugins/libvirt/domain/domainView.ts";
import { parseXml } from "../../../plugins/libvirt/xml/dom.ts";
import { owner, pools, vm } from "./exampleDomain.ts";

/**
 * As libvirt gives it back, shortened, with what others added: a client
 * disk, a passed-through device, QEMU arguments, metadata.
 */
const asDefined = `<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <name>mirror-a</name>
  <uuid>b0a1f5a4-3f0e-4c58-9d55-0f6d0e1c2b3a</uuid>
  <metadata>
    <kvm-mirror:owner xmlns:kvm-mirror="https://pulumi.com/kvm-mirror" stack="kvm-mirror/lab" resource="mirror-a"/>
    <other:note xmlns:other='http://example.net/note'>keep me</other:note>
  </metadata>
  <memory unit='KiB'>786432</memory>
  <currentMemory unit='KiB'>786432</currentMemory>
  <vcpu placement='static'>2</vcpu>
  <os>
    <type arch='x86_64' machine='pc-i440fx-7.2'>hvm</type>
  </os>
  <cpu mode='custom' match='exact' check='none'>
    <model fallback='forbid'>qemu64</model>
  </cpu>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2' cache='none' io='native' discard='unmap'/>
      <source file='/var/lib/libvirt/images/mirror-a-os.qcow2'/>
      <target dev='vda' bus='virtio'/>
      <address type='pci' domain='0x0000' bus='0x00' slot='0x05' function='0x0'/>
    </disk>
    <disk type='file' device='cdrom'>
      <driver name='qemu' type='raw'/>
      <source file='/var/lib/libvirt/images/mirror-a-seed.iso'/>
      <target dev='sda' bus='sata'/>
      <readonly/>
      <address type='drive' controller='0' bus='0' target='0' unit='0'/>
    </disk>
    <disk type='file' device='disk'>
      <driver name='qemu' type='raw' cache='none' io='native'/>
      <source file='/var/lib/libvirt/images/mirror-a-r0'/>
      <target dev='vdb' bus='virtio'/>
      <serial>r0</serial>
      <address type='pci' domain='0x0000' bus='0x00' slot='0x06' function='0x0'/>
    </disk>
    <disk type='network' device='disk'>
      <driver name='qemu' type='raw' cache='none'/>
      <source protocol='nbd' name='r9'>
        <host name='192.0.2.1' port='10809'/>
      </source>
      <target dev='vdx' bus='virtio'/>
    </disk>
    <interface type='network'>
      <mac address='52:54:00:00:00:01'/>
      <source network='lab-storage'/>
      <model type='virtio'/>
      <mtu size='9000'/>
      <address type='pci' domain='0x0000' bus='0x00' slot='0x03' function='0x0'/>
    </interface>
    <interface type='bridge'>
      <mac address='52:54:00:ff:00:01'/>
      <source bridge='br-other'/>
      <model type='virtio'/>
    </interface>
    <hostdev mode='subsystem' type='usb'/>
  </devices>
  <qemu:commandline>
    <qemu:arg value='-S'/>
  </qemu:commandline>
</domain>`;

const edit = (change: Partial<typeof vm>, more: Partial<DomainEdit> = {}) =>
  editDomain(asDefined, { wanted: { ...vm, ...change }, before: vm, virtType: "qemu", pools, owner, ...more });

/** The lines that an edit takes away and adds. */
function changes(after: string | undefined): string[] {
  if (after === undefined) return [];
  const normal = (xml: string) =>
    xml
      .replaceAll('"', "'")
      .replaceAll("><", ">\n<")
      .split("\n")
      .map((line) => line.trim())
      .filter(Boolean);
  const [olds, news] = [normal(asDefined), normal(after)];
  return [
    ...olds.filter((line) => !news.includes(line)).map((line) => `- ${line}`),
    ...news.filter((line) => !olds.includes(line)).map((line) => `+ ${line}`),
  ];
}

const facts = { autostart: false, running: true };
const read = (xml: string, declared: typeof vm | undefined = vm) =>
  domainInputsOf(viewDomain(parseXml(xml, "a domain")), facts, pools, declared, "qemu");

test("a domain as declared needs no edit and reads as declared", () => {
  expect(edit({})).toBeUndefined();
  expect(read(asDefined)).toEqual(vm);
});

test("memory, vcpu, title", () => {
  expect(changes(edit({ memory: 1024, vcpu: 4, title: "Mirror A" }))).toMatchInlineSnapshot(`
    [
      "- <memory unit='KiB'>786432</memory>",
      "- <currentMemory unit='KiB'>786432</currentMemory>",
      "- <vcpu placement='static'>2</vcpu>",
      "+ <memory unit='KiB'>1048576</memory>",
      "+ <currentMemory unit='KiB'>1048576</currentMemory>",
      "+ <vcpu placement='static'>4</vcpu>",
      "+ <title>Mirror A</title>",
    ]
  `);
});

test("type and CPU go together", () => {
  expect(changes(edit({}, { virtType: "kvm" }))).toMatchInlineSnapshot(`
    [
      "- <domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>",
      "- <cpu mode='custom' match='exact' check='none'>",
      "- <model fallback='forbid'>qemu64</model>",
      "- </cpu>",
      "+ <domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>",
      "+ <cpu mode='host-passthrough'/>",
    ]
  `);
});

test("another source or driver changes the disk in its place and keeps its address; another bus gets a new one", () => {
  const [os, seed, data] = vm.disks as [(typeof vm.disks)[0], (typeof vm.disks)[0], (typeof vm.disks)[0]];
  const after = edit({ disks: [os, seed, { ...data, driver: { type: "raw", cache: "directsync", io: "native" } }] });
  expect(changes(after)).toMatchInlineSnapshot(`
    [
      "- <driver name='qemu' type='raw' cache='none' io='native'/>",
      "+ <driver name='qemu' type='raw' cache='directsync' io='native'/>",
    ]
  `);
  expect(after?.indexOf("mirror-a-r0")).toBeLessThan(after?.indexOf("nbd") ?? 0);
  expect(after?.match(/slot='0x06'|slot="0x06"/g)).toHaveLength(1);
  const moved = edit({ disks: [os, seed, { ...data, target: { dev: "vdb", bus: "scsi" } }] });
  expect(moved).not.toMatch(/slot=.0x06./);
});

test("a disk and an interface more, a disk and an interface less", () => {
  const more = {
    ...vm.disks[2]!,
    source: { pool: "default", volume: "mirror-a-r1" },
    target: { dev: "vdc", bus: "virtio" as const },
    serial: "r1",
  };
  expect(
    changes(
      edit({
        disks: [...vm.disks, more],
        interfaces: [...vm.interfaces, { network: "lab-management", mac: "52:54:00:00:00:02", model: "virtio" }],
      }),
    ),
  ).toMatchInlineSnapshot(`
    [
      "+ <source file='/var/lib/libvirt/images/mirror-a-r1'/>",
      "+ <target dev='vdc' bus='virtio'/>",
      "+ <serial>r1</serial>",
      "+ <mac address='52:54:00:00:00:02'/>",
      "+ <source network='lab-management'/>",
    ]
  `);
  expect(changes(edit({ disks: vm.disks.slice(0, 2), interfaces: [] }))).toMatchInlineSnapshot(`
    [
      "- <driver name='qemu' type='raw' cache='none' io='native'/>",
      "- <source file='/var/lib/libvirt/images/mirror-a-r0'/>",
      "- <target dev='vdb' bus='virtio'/>",
      "- <serial>r0</serial>",
      "- <address type='pci' domain='0x0000' bus='0x00' slot='0x06' function='0x0'/>",
      "- <interface type='network'>",
      "- <mac address='52:54:00:00:00:01'/>",
      "- <source network='lab-storage'/>",
      "- <mtu size='9000'/>",
      "- <address type='pci' domain='0x0000' bus='0x00' slot='0x03' function='0x0'/>",
    ]
  `);
});

test("every edit keeps what others put there", () => {
  const after = edit(
    { memory: 1, vcpu: 9, disks: [], interfaces: [] },
    { virtType: "kvm", owner: { ...owner, resource: "renamed" } },
  );
  for (const kept of ["keep me", "name='r9'", "52:54:00:ff:00:01", "<hostdev mode=", "<qemu:arg value="])
    expect(after?.replaceAll('"', "'")).toContain(kept);
  expect(after).toContain('resource="renamed"');
});

test("a target that somebody else uses is refused", () => {
  const taken = { ...vm.disks[2]!, target: { dev: "vdx", bus: "virtio" as const } };
  expect(() => edit({ disks: [...vm.disks, taken] })).toThrow(
    "domain mirror-a has a disk at vdx that somebody else attached (network:nbd/r9): choose another target",
  );
});

test("drift is read as the arguments that would make it so", () => {
  const drifted = asDefined
    .replace("786432</memory>", "524288</memory>")
    .replace("placement='static'>2", ">1")
    .replace("mirror-a-r0'", "elsewhere'")
    .replace("network='lab-storage'", "network='lan'")
    .replace(/<disk type='file' device='cdrom'>[^]*?<\/disk>/, "");
  const { disks, interfaces, ...rest } = read(drifted);
  expect(rest).toEqual({ ...rest, memory: 512, vcpu: 1 });
  expect(disks).toEqual([vm.disks[0], { ...vm.disks[2], source: { pool: "default", volume: "elsewhere" } }]);
  expect(interfaces).toEqual([{ ...vm.interfaces[0], network: "lan" }]);
});

test("import says everything that there are arguments for, and leaves what is not of a pool or a network", () => {
  expect(domainInputsOf(viewDomain(parseXml(asDefined, "a domain")), facts, pools, undefined, undefined)).toEqual({
    ...vm,
    type: "qemu",
  });
});

test("an alias of a machine type equals the version that libvirt put in its place", () => {
  expect(read(asDefined, { ...vm, os: { machine: "pc" } }).os).toEqual({ machine: "pc" });
  expect(read(asDefined, { ...vm, os: { machine: "q35" } }).os).toEqual({ machine: "pc-i440fx-7.2" });
});

test("another type than the one that auto came to is drift", () => {
  expect(read(asDefined).type).toBe("auto");
  expect(read(asDefined.replace("type='qemu'", "type='kvm'")).type).toBe("kvm");
});

test("what waits for a restart is named", () => {
  const live = viewDomain(parseXml(asDefined, "a domain"));
  expect(restartWords(live, live)).toEqual([]);
  const wanted = viewDomain(
    parseXml(
      edit({ memory: 1024, vcpu: 1, disks: vm.disks.slice(0, 1), interfaces: [] }, { virtType: "kvm" })!,
      "a domain",
    ),
  );
  expect(restartWords(wanted, live)).toEqual([
    "memory 768 → 1024 MiB",
    "vcpu 2 → 1",
    "type qemu → kvm",
    "disks",
    "interfaces",
  ]);
});

test("what is no XML is an error that names the domain", () => {
  expect(() => editDomain("<domain", { wanted: vm, before: vm, virtType: "qemu", pools, owner })).toThrow(
    /^domain mirror-a: not readable as XML: /,
  );
});
