/** Disks as `up` gives them to attach-disk.sh. */

export const nbd = (target = "vdb", name = "r0", serial = "stack-r0") =>
  `<disk type='network' device='disk'>
  <driver name='qemu' type='raw' cache='none'/>
  <source protocol='nbd' name='${name}'>
    <host name='10.20.0.10' port='10809'/>
  </source>
  <target dev='${target}' bus='virtio'/>
  <serial>${serial}</serial>
</disk>
`;

export const iscsi =
  '<disk type="network" device="disk"><driver name="qemu" type="raw" cache="none"/>' +
  '<source protocol="iscsi" name="iqn.2026-11.net.example:r1/1"><host name="10.20.0.10" port="3260"/></source>' +
  '<target dev="sdb" bus="sata"/><serial>stack-r1</serial></disk>\n';

/** As src/render/exports/nbd/qemuDisk.ts writes it. */
export const qemu = (target = "vdb", name = "r0", serial = "stack-r0") => {
  const id = `kvm-mirror-${target}`;
  const node = {
    driver: "nbd",
    "node-name": id,
    server: { type: "inet", host: "10.20.0.10", port: "10809", "keep-alive": true },
    export: name,
    "reconnect-delay": 300,
  };
  const device = {
    driver: "virtio-blk-pci",
    id,
    drive: id,
    serial,
    werror: "stop",
    addr: `0x1${target.charCodeAt(2) - 97}`,
  };
  return `<qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <qemu:arg value='-blockdev'/>
  <qemu:arg value='${JSON.stringify(node)}'/>
  <qemu:arg value='-device'/>
  <qemu:arg value='${JSON.stringify(device)}'/>
</qemu:commandline>
`;
};
