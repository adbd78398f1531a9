/** A mirror, for the tests of this folder. */
import { domainInputs } from "../../../plugins/libvirt/domain/domainInputs.ts";

export const owner = { stack: "kvm-mirror/lab", resource: "mirror-a" };
export const pools = [{ name: "default", dir: "/var/lib/libvirt/images" }];
export const vm = domainInputs.parse({
  name: "mirror-a",
  uuid: "B0A1F5A4-3F0E-4C58-9D55-0F6D0E1C2B3A",
  memory: 768,
  vcpu: 2,
  disks: [
    {
      device: "disk",
      source: { pool: "default", volume: "mirror-a-os.qcow2" },
      driver: { type: "qcow2", cache: "none", io: "native", discard: "unmap" },
      target: { dev: "vda", bus: "virtio" },
    },
    {
      device: "cdrom",
      source: { pool: "default", volume: "mirror-a-seed.iso" },
      driver: { type: "raw" },
      target: { dev: "sda", bus: "sata" },
      readonly: true,
    },
    {
      device: "disk",
      source: { pool: "default", volume: "mirror-a-r0" },
      driver: { type: "raw", cache: "none", io: "native" },
      target: { dev: "vdb", bus: "virtio" },
      serial: "r0",
    },
  ],
  interfaces: [{ network: "lab-storage", mac: "52:54:00:00:00:01", mtu: 9000 }],
  running: true,
});
