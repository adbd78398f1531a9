export const MiB = 1024 ** 2;

/** What a program of the story may say otherwise. */
export interface Variant {
  readonly uri?: string;
  readonly memory?: number;
  readonly dataBytes?: number;
  readonly dataName?: string;
  readonly more?: string;
}

/**
 * The program of the story: a network, an image, an OS disk, a data disk, a seed and the domain that uses them.
 * @param sha256 of the image
 */
export function machineProgram(
  sha256: string,
  { uri, memory = 64, dataBytes = 8 * MiB, dataName = "vm-data", more = "" }: Variant & { readonly uri: string },
): string {
  return `
    const libvirt = await import("@pulumi/libvirt");
    const provider = new libvirt.Provider("kvm-a", { uri: ${JSON.stringify(uri)}, owner: "kvm-mirror/test" });
    const on = { provider };
    const pool = "default";
    const lan = new libvirt.Network("lan", { name: "lan", mtu: 9000 }, on);
    const base = new libvirt.Image("base", {
      pool, name: "base.qcow2", source: "/tmp/base.qcow2", checksum: "sha256:${sha256}", format: "qcow2",
    }, on);
    const os = new libvirt.Volume("os", {
      pool, name: "vm-os", capacity: ${16 * MiB}, format: "qcow2", source: { volume: "base.qcow2" },
    }, { ...on, dependsOn: [base] });
    const disk = new libvirt.Volume("data", {
      pool, name: ${JSON.stringify(dataName)}, capacity: ${dataBytes}, format: "raw",
    }, on);
    const seed = new libvirt.CloudInitDisk("seed", {
      pool, name: "vm-seed", metaData: "instance-id: vm\\n",
      userData: pulumi.secret("#cloud-config\\npassword: hush-hush-hush\\n"),
    }, on);
    const vm = new libvirt.Domain("vm", {
      name: "vm", uuid: "b0a1f5a4-3f0e-4c58-9d55-0f6d0e1c2b3a", memory: ${memory}, vcpu: 1,
      running: true, autostart: true, shutdownTimeout: 1,
      disks: [
        {
          device: "disk", source: { pool, volume: "vm-os" }, target: { dev: "vda", bus: "virtio" },
          driver: { type: "qcow2", cache: "none", io: "native", discard: "unmap" },
        },
        {
          device: "cdrom", source: { pool, volume: "vm-seed" }, target: { dev: "sda", bus: "sata" },
          driver: { type: "raw" }, readonly: true,
        },
        {
          device: "disk", source: { pool, volume: "vm-data" }, target: { dev: "vdb", bus: "virtio" },
          driver: { type: "raw", cache: "none", io: "native" }, serial: "data",
        },
      ],
      interfaces: [{ network: "lan", mac: "52:54:00:00:00:01" }],
    }, { ...on, dependsOn: [os, disk, seed, lan] });
    ${more}
    export const network = lan.uuid;
    export const image = base.sha256;
    export const virtType = vm.virtType;
    export const restartRequired = vm.restartRequired;
  `;
}
