import { expect, it } from "vitest";
import { startCommand } from "../../../../src/operate/stack/startCommand.ts";
import { inventory } from "../tell/statusSample.ts";

it.each([
  ["qemu+ssh://root@kvm-a.example.net/system", "ssh root@kvm-a.example.net virsh start --force-boot mirror-a"],
  ["qemu+ssh://kvm-a.example.net:2222/system", "ssh -p 2222 root@kvm-a.example.net virsh start --force-boot mirror-a"],
  ["qemu:///system", "virsh start --force-boot mirror-a"],
])("a mirror on the KVM host %s is started by one command", (uri, command) => {
  const hosts = inventory.hosts.map((host) => ({ ...host, uri }));
  expect(startCommand({ ...inventory, hosts }, "mirror-a")).toBe(command);
});
