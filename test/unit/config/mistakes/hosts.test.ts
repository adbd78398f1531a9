import { refused } from "./refused.ts";

refused("hosts", {
  "no hosts": [{ hosts: {}, clients: {} }, "kvm-mirror:hosts: names no KVM host; the mirrors need two"],
  "a host without its storage address": [
    { "hosts.kvm-a.storageAddress": undefined },
    "kvm-mirror:hosts.kvm-a.storageAddress: is missing: address of the KVM host in the storage " +
      "network: its QEMU connects to the exports from there, and exports admit it",
  ],
  "a libvirt URI of another kind": [
    { "hosts.kvm-a.uri": "qemu+tcp://kvm-a.example.net/system" },
    `kvm-mirror:hosts.kvm-a.uri = "qemu+tcp://kvm-a.example.net/system": is not the URI of a libvirt host: ` +
      'unknown scheme "qemu+tcp"; write qemu+ssh://root@host/system, or qemu:///system for the operator\'s own machine',
  ],
  "a libvirt URI that ssh would read as an option": [
    { "hosts.kvm-a.uri": "qemu+ssh://-oProxyCommand=x/system" },
    `kvm-mirror:hosts.kvm-a.uri = "qemu+ssh://-oProxyCommand=x/system": is not the URI of a libvirt host: ` +
      "no usable host name; write qemu+ssh://root@host/system, or qemu:///system for the operator's own machine",
  ],
  "a libvirt URI that turns host keys off": [
    { "hosts.kvm-a.uri": "qemu+ssh://root@kvm-a.example.net/system?no_verify=1" },
    'kvm-mirror:hosts.kvm-a.uri = "qemu+ssh://root@kvm-a.example.net/system?no_verify=1": is not the URI of a ' +
      "libvirt host: unknown parameter no_verify (ssh itself reads ~/.ssh/config: put it there); write " +
      "qemu+ssh://root@host/system, or qemu:///system for the operator's own machine",
  ],
  "one host under two names": [
    { "hosts.kvm-b.uri": "qemu+ssh://root@kvm-a.example.net/system" },
    'kvm-mirror:hosts.kvm-b.uri = "qemu+ssh://root@kvm-a.example.net/system": is ' +
      "KVM host kvm-a already; one host has one name",
  ],
  "a virtualization that nobody has": [
    { "hosts.kvm-a.virtualization": "xen" },
    'kvm-mirror:hosts.kvm-a.virtualization = "xen": is not offered; use kvm, qemu or auto',
  ],
});
