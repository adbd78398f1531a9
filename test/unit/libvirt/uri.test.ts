import { expect, test } from "vitest";
import { sshOptions } from "../../../plugins/libvirt/host/sshHost.ts";
import { hostName, parseUri } from "../../../plugins/libvirt/uri.ts";

test.each([
  ["qemu:///system", { kind: "local" }, "localhost"],
  ["qemu+ssh://kvm-a.example.net/system", { kind: "ssh", host: "kvm-a.example.net" }, "kvm-a.example.net"],
  [
    "qemu+ssh://root@10.30.0.2:2222/system",
    { kind: "ssh", host: "10.30.0.2", user: "root", port: 2222 },
    "root@10.30.0.2",
  ],
  ["qemu+ssh://root@[fd00::2]/system", { kind: "ssh", host: "fd00::2", user: "root" }, "root@fd00::2"],
  [
    "qemu+ssh://root@kvm-a/system?keyfile=/root/.ssh/id&known_hosts=/etc/kvm%20hosts",
    { kind: "ssh", host: "kvm-a", user: "root", keyfile: "/root/.ssh/id", knownHosts: "/etc/kvm hosts" },
    "root@kvm-a",
  ],
])("%s is read", (uri, target, name) => {
  expect(parseUri(uri)).toEqual(target);
  expect(hostName(parseUri(uri))).toBe(name);
});

test.each([
  ["kvm-a", "not a URI"],
  ["qemu+ssh://root@kvm-a/session", 'the path must be /system, not "/session"'],
  ["qemu+tls://kvm-a/system", 'unknown scheme "qemu+tls"'],
  ["qemu://kvm-a/system", "a host needs a transport: qemu+ssh://"],
  ["qemu:///system?keyfile=/x", "qemu:///system takes no parameters"],
  ["qemu+ssh:///system", "no usable host name"],
  ["qemu+ssh://root:secret@kvm-a/system", "a password does not belong into a URI"],
  ["qemu+ssh://-oProxyCommand=x@kvm-a/system", "no usable user name"],
  ["qemu+ssh://-oProxyCommand/system", "no usable host name"],
  ["qemu+ssh://kvm-a/system?no_verify=1", "unknown parameter no_verify (ssh itself reads ~/.ssh/config: put it there)"],
])("%s is refused: %s", (uri, reason) => {
  expect(() => parseUri(uri)).toThrow(
    `libvirt URI ${JSON.stringify(uri)}: ${reason}; known forms: qemu:///system or ` +
      "qemu+ssh://[user@]host[:port]/system[?keyfile=PATH&known_hosts=PATH]",
  );
});

test("ssh is told what the URI says and leaves the rest to its configuration", () => {
  const target = parseUri("qemu+ssh://root@kvm-a:2222/system?keyfile=/root/.ssh/id&known_hosts=/etc/kvm");
  if (target.kind !== "ssh") throw new Error("not by ssh");
  expect(sshOptions(target).join(" ")).toBe(
    "-T -o BatchMode=yes -o ClearAllForwardings=yes -o ConnectTimeout=15 -o ServerAliveInterval=5 -o " +
      "ServerAliveCountMax=4 -p 2222 -l root -i /root/.ssh/id -o UserKnownHostsFile=/etc/kvm",
  );
});
