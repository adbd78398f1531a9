/** Faults of a site, one at a time, each with the one command that mends it. */
import { describe, expect, it } from "vitest";
import type { Site } from "../../../../../src/operate/decide/site/site.ts";
import { checkSite } from "../../../../../src/operate/decide/site/siteProblems.ts";
import {
  image,
  list,
  localImage,
  automatic,
  fresh,
  running,
  a,
  b,
  url,
  set,
  commands,
  on,
  bridge,
  clock,
  path,
  imageState,
  domain,
  forward,
  fence,
  closed,
  cluster,
  sshdFile,
  sysctlFile,
} from "./changedSites.ts";
import { planOf } from "../../../render/sample.ts";
import { silent, soundSite, withMirror, withRows } from "./sampleSite.ts";

const faults: readonly (readonly [fault: string, site: Site, command: string])[] = [
  [
    "ssh: the key is not admitted",
    silent(fresh, "kvm-a", "root@kvm-a: Permission denied (publickey)."),
    "ssh-copy-id root@kvm-a.example.net",
  ],
  ["ssh: the host key is not known", silent(fresh, "kvm-b", "Host key verification failed."), `${b} true`],
  [
    "ssh: the name is not known",
    silent(fresh, "kvm-a", "ssh: Could not resolve hostname kvm-a.example.net: Name or service not known"),
    set("hosts.kvm-a.uri", "qemu+ssh://root@<its address>/system"),
  ],
  [
    "ssh: no sshd",
    silent(fresh, "kvm-b", "ssh: connect to host 10.30.0.3 port 2222: Connection refused"),
    "systemctl enable --now ssh (at its console)",
  ],
  [
    "ssh: the host is off",
    silent(fresh, "kvm-b", "ssh: connect to host 10.30.0.3 port 2222: No route to host"),
    "ping -c 3 10.30.0.3",
  ],
  [
    "the login is no root",
    on({ probe: "host" }, { root: false }),
    "ssh -t root@kvm-a.example.net sudo visudo -f /etc/sudoers.d/kvm-mirror",
  ],
  [
    "MaxStartups is small",
    on({ probe: "sshd" }, { maxStartups: "4:50:10" }),
    `${a} 'echo MaxStartups 100:30:200 >${sshdFile} && systemctl reload ssh'`,
  ],
  ["one host's clock is behind", clock(fresh, "kvm-b", -90), `${b} timedatectl set-ntp true`],
  ["one host's clock is ahead", clock(fresh, "kvm-a", 90), `${a} timedatectl set-ntp true`],
  [
    "this machine's clock is behind",
    clock(clock(fresh, "kvm-a", 3601), "kvm-b", 3602),
    "sudo timedatectl set-ntp true",
  ],
  [
    "libvirt does not answer",
    withRows(fresh, "kvm-a", (rows) => [
      ...rows.filter(({ probe }) => !["libvirt", "kvm", "pool", "domain"].includes(probe)),
      { probe: "unknown", of: "libvirt", why: "no answer within 15 s" },
    ]),
    `${a} systemctl restart libvirtd`,
  ],
  [
    "QEMU is too old for NBD",
    on({ probe: "libvirt" }, { qemu: "4.1.0" }),
    `${a} apt-get install --only-upgrade qemu-system-x86`,
  ],
  [
    "libvirt is too old for a target",
    soundSite(
      planOf({
        "clients.app-1.disks": [{ volume: "r0", protocol: "nbd", target: "vdk" }],
        "clients.app-1.hosts": undefined,
      }),
    ),
    set("clients.app-1.disks[0].target", "vdb"),
  ],
  ["libvirt does not call our hook", on({ probe: "hook" }, { state: "waits" }), "kvm-mirror client app-1 --permit"],
  [
    "libvirt is too old for our hook",
    on({ probe: "libvirt" }, { libvirt: "6.4.0" }),
    `${a} apt-get install --only-upgrade libvirt-daemon-system`,
  ],
  [
    "there is no /dev/kvm",
    on({ probe: "kvm" }, { state: "no-device" }),
    `${a} 'modprobe kvm_intel || modprobe kvm_amd'`,
  ],
  [
    "libvirt does not offer KVM",
    on({ probe: "kvm" }, { state: "refused", said: "no KVM" }),
    `${a} systemctl restart libvirtd`,
  ],
  [
    "a bridge is missing",
    bridge("br-storage", { state: "absent", mtu: 0, ports: [] }),
    `${a} 'ip link add name br-storage type bridge && ip link set dev br-storage up && ` +
      "ip link set dev <network card> master br-storage'",
  ],
  [
    "a bridge is a network card",
    bridge("br-storage", { state: "no-bridge", mtu: 0, ports: [] }),
    set("networks.storage.bridge", "<bridge>"),
  ],
  [
    "a bridge is down",
    bridge("br-replication", { state: "down" }, fresh, "kvm-b"),
    `${b} ip link set dev br-replication up`,
  ],
  [
    "a bridge has no card",
    bridge("br-replication", { state: "no-carrier", ports: [] }),
    `${a} 'ip link set dev <network card> master br-replication'`,
  ],
  ["a bridge's card has no carrier", bridge("br-storage", { state: "no-carrier" }), `${a} ip link set dev eno1.7 up`],
  ["a bridge's MTU is small", bridge("br-replication", { mtu: 1500 }), `${a} ip link set dev br-replication mtu 9000`],
  [
    "a card's MTU is small",
    bridge("br-replication", { ports: [{ name: "eno2", mtu: 1500 }] }),
    `${a} 'ip link set dev eno2 mtu 9000 && ip link set dev br-replication mtu 9000'`,
  ],
  [
    "bridges differ where the stack file says no MTU",
    bridge("br-storage", { mtu: 9000, ports: [{ name: "eno1.7", mtu: 9000 }] }, fresh, "kvm-b"),
    `${a} 'ip link set dev eno1.7 mtu 9000 && ip link set dev br-storage mtu 9000'`,
  ],
  [
    "the storage address is missing",
    on({ probe: "address" }, { device: "" }),
    `${a} ip address add 10.20.0.2/24 dev br-storage`,
  ],
  [
    "full packets vanish, both ways",
    path("small", path("small", fresh, "kvm-a"), "kvm-b"),
    set("networks.storage.mtu", "1280"),
  ],
  [
    "full jumbo packets vanish",
    on({ probe: "path" }, { state: "small", bytes: 9000 }),
    set("networks.storage.mtu", "1500"),
  ],
  [
    "the hosts do not hear each other",
    path("silent", path("silent", fresh, "kvm-a"), "kvm-b"),
    `${a} bridge -d link show master br-storage`,
  ],
  [
    "Docker drops bridged packets",
    forward("docker"),
    `${a} iptables -I DOCKER-USER -m physdev --physdev-is-bridged -j ACCEPT`,
  ],
  [
    "ufw drops bridged packets",
    forward("ufw"),
    `${a} 'echo net.bridge.bridge-nf-call-iptables = 0 >${sysctlFile} && sysctl -p ${sysctlFile}'`,
  ],
  [
    "the pool is missing",
    on({ probe: "pool" }, { state: "absent", type: "", free: 0 }),
    `${a} 'virsh pool-define-as default dir --target /var/lib/libvirt/images && virsh pool-build default && ` +
      "virsh pool-start default && virsh pool-autostart default'",
  ],
  [
    "the pool is not active",
    on({ probe: "pool" }, { state: "inactive", free: 0 }, fresh, "kvm-b"),
    `${b} 'virsh pool-start fast && virsh pool-autostart fast'`,
  ],
  ["the pool is LVM", on({ probe: "pool" }, { type: "logical" }), set("hosts.kvm-a.pool", "<pool of type dir>")],
  ["the pool is full", on({ probe: "pool" }, { free: 2 ** 30 }), `${a} virsh vol-list --details default`],
  [
    "the pool is promised away",
    on({ probe: "pool" }, { promised: 2 ** 40 - 2 ** 30 }),
    `${a} virsh vol-list --details default`,
  ],
  [
    "the image's site is not reached",
    on({ probe: "image" }, { state: "unreachable", said: "curl: (6) Could not resolve host" }),
    `${a} curl --head --location ${url}`,
  ],
  [
    "the image is missing on one host",
    imageState("absent", "", "kvm-b"),
    `scp -3 root@kvm-a.example.net:${image} scp://root@10.30.0.3:2222/${image}`,
  ],
  [
    "the image is another one",
    imageState("differs", "0123"),
    `scp -3 scp://root@10.30.0.3:2222/${image} root@kvm-a.example.net:${image}`,
  ],
  [
    "the list of checksums is missing",
    imageState("no-list", "No such file"),
    `scp -3 scp://root@10.30.0.3:2222/${list} root@kvm-a.example.net:${list}`,
  ],
  ["the list lacks the image", imageState("not-listed"), `${a} cat ${list}`],
  ["a domain has a mirror's name", domain(""), `${a} 'virsh domrename mirror-a <another name>'`],
  ["another stack has a mirror's name", domain("kvm-mirror/other"), "$EDITOR stacks/Pulumi.unit.yaml"],
  [
    "the VM team's domain is missing",
    withRows(fresh, "kvm-b", (rows) => rows.filter((row) => row.probe !== "domain" || row.name !== "db-1")),
    `${b} 'virsh define <its XML>'`,
  ],
  [
    "somebody has a mirror's address",
    on({ probe: "free", address: "10.20.0.11" }, { state: "taken", mac: "aa:bb:cc:dd:ee:ff" }),
    set("mirrors.mirror-a.storage", "<free address>"),
  ],
  [
    "somebody has the VIP",
    on({ probe: "free", address: "10.20.0.10" }, { state: "taken", mac: "aa:bb:cc:dd:ee:ff" }),
    set("groups.main.vip", "<free address>"),
  ],
  [
    "a KVM host has a client's address",
    on({ probe: "free", address: "10.30.0.21" }, { state: "own" }),
    set("clients.app-1.machine.management", "<free address>"),
  ],
  [
    "fencing: no sshd where the mirrors will look",
    closed("10.30.0.2"),
    set("hosts.kvm-a.fenceAddress", "<its address in the management network>"),
  ],
  [
    "fencing: the agent does not get in",
    fence("mirror-b", { state: { mirror: "mirror-a", status: null, said: "Unable to connect/login" } }),
    "pulumi up --refresh",
  ],
  [
    "fencing: the mirror's script is missing",
    fence("mirror-a", { unreachable: "sudo: fence-status.sh: command not found" }),
    "pulumi up --refresh",
  ],
  [
    "fencing: it looks at another domain",
    fence("mirror-a", { state: { mirror: "mirror-b", status: "off", said: "Status: OFF" } }),
    "pulumi up --refresh",
  ],
  [
    "the third vote is not there",
    closed("10.30.0.9"),
    "ssh -p 2222 ops@vote.example.net sudo systemctl enable --now corosync-qnetd",
  ],
  [
    "the third vote is lost",
    withMirror(soundSite(automatic, true), "mirror-b", { cluster }),
    "ssh -p 2222 ops@vote.example.net sudo systemctl enable --now corosync-qnetd",
  ],
  [
    "DRBD's module is not loaded",
    withMirror(running, "mirror-a", { drbdVersion: "" }),
    "ssh storage@10.30.0.11 sudo /usr/local/lib/kvm-mirror/drbd-module.sh",
  ],
  [
    "DRBD's module is LINBIT's 9",
    withMirror(running, "mirror-b", { drbdVersion: "9.2.12" }),
    "ssh storage@10.30.0.12 sudo apt-get purge drbd-dkms",
  ],
  [
    "a mirror's DRBD is older than its peer's",
    withMirror(running, "mirror-b", { drbdVersion: "8.4.10" }),
    "kvm-mirror maintain mirror-b",
  ],
];

describe("a site", () => {
  it.each([
    ["before the first up", fresh],
    ["that runs", running],
    ["with an image on the hosts", soundSite(localImage)],
    ["before the first up with automatic failover", soundSite(automatic)],
    ["that runs with automatic failover", soundSite(automatic, true)],
  ])("%s that is sound has no problem", (_, site) => expect(checkSite(site)).toEqual({ problems: [], notSeen: [] }));

  it("is tried with many faults", () => expect(faults.length).toBeGreaterThanOrEqual(50));

  it.each(faults)("%s", (_, site, command) => expect(commands(site)).toEqual([command]));
});
