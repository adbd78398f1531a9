import { expect, test } from "vitest";
import { domainInputs } from "../../../plugins/libvirt/domain/domainInputs.ts";
import { domainRules } from "../../../plugins/libvirt/domain/domainRules.ts";
import { renderDomain } from "../../../plugins/libvirt/domain/domainXml.ts";
import { owner, pools, vm } from "./exampleDomain.ts";

test("a mirror under emulation, with libvirt's own CPU model", () => {
  expect(renderDomain(vm, "qemu", pools, owner)).toMatchInlineSnapshot(`
    "<domain type='qemu'>
      <name>mirror-a</name>
      <uuid>b0a1f5a4-3f0e-4c58-9d55-0f6d0e1c2b3a</uuid>
      <metadata>
        <kvm-mirror:owner xmlns:kvm-mirror='https://pulumi.com/kvm-mirror' stack='kvm-mirror/lab' resource='mirror-a'/>
      </metadata>
      <memory unit='KiB'>786432</memory>
      <vcpu>2</vcpu>
      <os>
        <type>hvm</type>
        <boot dev='hd'/>
      </os>
      <features>
        <acpi/>
        <apic/>
      </features>
      <clock offset='utc'/>
      <on_poweroff>destroy</on_poweroff>
      <on_reboot>restart</on_reboot>
      <on_crash>destroy</on_crash>
      <devices>
        <disk type='file' device='disk'>
          <driver name='qemu' type='qcow2' cache='none' io='native' discard='unmap'/>
          <source file='/var/lib/libvirt/images/mirror-a-os.qcow2'/>
          <target dev='vda' bus='virtio'/>
        </disk>
        <disk type='file' device='cdrom'>
          <driver name='qemu' type='raw'/>
          <source file='/var/lib/libvirt/images/mirror-a-seed.iso'/>
          <target dev='sda' bus='sata'/>
          <readonly/>
        </disk>
        <disk type='file' device='disk'>
          <driver name='qemu' type='raw' cache='none' io='native'/>
          <source file='/var/lib/libvirt/images/mirror-a-r0'/>
          <target dev='vdb' bus='virtio'/>
          <serial>r0</serial>
        </disk>
        <interface type='network'>
          <mac address='52:54:00:00:00:01'/>
          <source network='lab-storage'/>
          <model type='virtio'/>
          <mtu size='9000'/>
        </interface>
        <serial type='pty'>
          <log file='/var/log/libvirt/qemu/mirror-a-console.log' append='on'/>
          <target port='0'/>
        </serial>
        <console type='pty'>
          <target type='serial' port='0'/>
        </console>
        <channel type='unix'>
          <target type='virtio' name='org.qemu.guest_agent.0'/>
        </channel>
        <rng model='virtio'>
          <backend model='random'>/dev/urandom</backend>
        </rng>
      </devices>
    </domain>
    "
  `);
});

test("under KVM the guest sees the host's CPU", () => {
  expect(renderDomain(vm, "kvm", pools, owner)).toContain("<domain type='kvm'>\n");
  expect(renderDomain(vm, "kvm", pools, owner)).toContain("  <cpu mode='host-passthrough'/>\n");
  expect(renderDomain({ ...vm, cpu: { mode: "host-model" } }, "kvm", pools, owner)).toContain(
    "  <cpu mode='host-model'/>\n",
  );
});

test("a machine type, a title with markup, fractions of a MiB", () => {
  const xml = renderDomain({ ...vm, os: { machine: "q35" }, title: "R&D <1>'s", memory: 64.5 }, "qemu", pools, owner);
  expect(xml).toContain("<type machine='q35'>hvm</type>");
  expect(xml).toContain("<title>R&amp;D &lt;1&gt;&apos;s</title>");
  expect(xml).toContain("<memory unit='KiB'>66048</memory>");
});

test("a pool that is not there is named with those that are", () => {
  const disks = [{ ...vm.disks[0]!, source: { pool: "fast", volume: "x" } }];
  expect(() => renderDomain({ ...vm, disks }, "qemu", pools, owner)).toThrow(
    "there is no storage pool fast with files; such pools here: default",
  );
});

test.each([
  [
    { disks: [vm.disks[0]!, { ...vm.disks[2]!, target: { dev: "vda", bus: "virtio" as const } }] },
    ["disks[1].target.dev: another disk has the target vda already"],
  ],
  [
    { disks: [vm.disks[2]!, { ...vm.disks[2]!, target: { dev: "vdc", bus: "virtio" as const } }] },
    ["disks[1].serial: another disk has the serial r0 already"],
  ],
  [
    { interfaces: [vm.interfaces[0]!, vm.interfaces[0]!] },
    ["interfaces[1].mac: another interface has the MAC address 52:54:00:00:00:01 already"],
  ],
  [
    { disks: [{ ...vm.disks[0]!, driver: { type: "raw" as const, io: "native" as const } }] },
    ["disks[0].driver.io: io native needs cache none or directsync: QEMU refuses it otherwise"],
  ],
  [vm, []],
])("rules %#", (inputs, failures) => {
  expect(domainRules(inputs).map(({ property, reason }) => `${property}: ${reason}`)).toEqual(failures);
});

test.each([
  [{ uuid: "no" }, "uuid"],
  [{ memory: 0 }, "memory"],
  [{ vcpu: 1.5 }, "vcpu"],
  [{ interfaces: [{ network: "lan", mac: "52:54:00:AA:00:01" }] }, "interfaces.0.mac"],
  [{ interfaces: [{ network: "lan", mac: "53:54:00:aa:00:01" }] }, "interfaces.0.mac"],
  [{ disks: [{ ...vm.disks[2], serial: "longer-than-twenty-characters" }] }, "disks.0.serial"],
  [{ disks: [{ ...vm.disks[2], target: { dev: "../x", bus: "virtio" } }] }, "disks.0.target.dev"],
  [{ shutdownTimeout: -1 }, "shutdownTimeout"],
])("refused %#", (change, path) => {
  const { error } = domainInputs.safeParse({ ...vm, ...change });
  expect(error?.issues.map((issue) => issue.path.join("."))).toEqual([path]);
});
