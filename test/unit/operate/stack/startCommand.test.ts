import { expect, it } from "vitest";
import { startCommand, stopCommand } from "../../../../src/operate/stack/startCommand.ts";
import { inventory } from "../tell/statusSample.ts";

it.each([
  ["qemu+ssh://root@kvm-a.example.net/system", "ssh root@kvm-a.example.net virsh start --force-boot mirror-a"],
  ["qemu+ssh://kvm-a.example.net:2222/system", "ssh -p 2222 root@kvm-a.example.net virsh start --force-boot mirror-a"],
  ["qemu:///system", "virsh start --force-boot mirror-a"],
])("a mirror on the KVM host %s is started by one command", (uri, command) => {
  const hosts = inventory.hosts.map((host) => ({ ...host, uri }));
  expect(startCommand({ ...inventory, hosts }, "mirror-a")).toBe(command);
});

it("and turned off by one", () => {
  const hosts = inventory.hosts.map((host) => ({ ...host, uri: "qemu+ssh://root@kvm-a.example.net/system" }));
  expect(stopCommand({ ...inventory, hosts }, "mirror-a")).toBe("ssh root@kvm-a.example.net virsh destroy mirror-a");
});
