/** Settings of the first boot that reach a mirror which runs: over a real sshd, with real keys and interfaces. */
import { resolve } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Machine } from "./machine.ts";

const repository = resolve(import.meta.dirname, "../..");
let machine: Machine;
let hostKey: string;
const pub = (name: string) => machine.ok(`cat /tmp/${name}.pub`);

beforeAll(async () => {
  machine = await Machine.start();
  machine.installGuest();
  machine.ok(`mkdir -p /etc/ssh /root/.ssh /run/sshd && rm -f /root/.ssh/* && chmod 700 /root/.ssh
    for name in host mine new left peer; do
      ssh-keygen -q -t ed25519 -N '' -C $name@example.net -f /tmp/$name </dev/null; done
    cp /tmp/mine /root/.ssh/id_ed25519
    printf '#!/bin/sh\\n[ "$1" = -n ] && shift\\nexec "$@"\\n' >/usr/local/bin/sudo && chmod 755 /usr/local/bin/sudo
    usermod -p '*' root
    printf '%s\\n' 'HostKey /tmp/host' 'ListenAddress 127.0.0.1' 'PermitRootLogin prohibit-password' \\
      'AuthorizedKeysFile /root/.ssh/authorized_keys' 'StrictModes no' >/tmp/sshd_config
    setsid /usr/sbin/sshd -D -e -f /tmp/sshd_config </dev/null >/tmp/sshd.log 2>&1 &
    for nic in storage0 management0; do ip link add $nic type bridge && ip link set $nic mtu 1400 up || exit 1; done
    ip address add 10.20.0.11/24 dev storage0; ip address add 10.20.0.10/24 dev storage0
    ip address add 10.30.0.11/24 dev management0; ip route add default via 10.30.0.1
    for i in $(seq 100); do ssh-keyscan -t ed25519 127.0.0.1 2>/dev/null | grep -q ed25519 && exit
    sleep 0.1; done; cat /tmp/sshd.log; exit 1`);
  hostKey = machine.ok("cut -d' ' -f1,2 /tmp/host.pub");
  machine.play("networkctl", 'echo "   Network File: /run/systemd/network/10-netplan-$3.network"');
});
afterAll(() => machine?.stop());

const peerLine = () =>
  `restrict,from="10.30.0.12",command="x" ${machine.ok("cut -d' ' -f1,2 /tmp/peer.pub")} kvm-mirror-peer`;
const keysNow = () => machine.ok("cat /root/.ssh/authorized_keys").split("\n");
beforeEach(() =>
  machine.ok(`printf '%s\\n' '${pub("mine")}' '${pub("left")}' '${peerLine()}' >/root/.ssh/authorized_keys`),
);

interface Wanted {
  readonly keys?: readonly string[];
  readonly proxy?: string;
  readonly verify?: string;
  readonly storage?: string;
  readonly management?: string;
}
const documentOf = ({
  keys = [pub("mine"), pub("left")],
  proxy,
  verify,
  storage = "10.20.0.11/24 - - -",
  management = "10.30.0.11/24 - 10.30.0.1 -",
}: Wanted) =>
  [
    ...keys.map((key) => `key ${key}`),
    ...(proxy ? [`apt-proxy ${proxy}`] : []),
    ...(verify ? [`verify ${verify}`] : []),
    `interface storage0 kvm-mirror:mirrors.mirror-a.storage ${storage}`,
    `interface management0 kvm-mirror:mirrors.mirror-a.management ${management}`,
    "end",
    "",
  ].join("\n");
const settle = (wanted: Wanted) =>
  machine.sh(
    `cd ${repository}/src && bash ../scripts/operator/mirror-settings.sh root@127.0.0.1 '${hostKey}'`,
    documentOf(wanted),
  );

describe("who may log in", () => {
  test("somebody who left is out, somebody new is in, the peer stays; nothing happens the second time", () => {
    const keys = [pub("mine"), pub("new")];
    const done = settle({ keys });
    expect(done).toMatchObject({
      status: 0,
      stdout: "",
      stderr: expect.stringMatching(
        /^mirror-settings\.sh: may no longer log in: ssh-ed25519 \S+… left@example\.net\n$/,
      ),
    });
    expect(keysNow()).toEqual([...keys, peerLine()]);
    expect(machine.ok("stat -c '%a %U' /root/.ssh/authorized_keys")).toBe("600 root");
    expect(settle({ keys })).toMatchObject({ status: 0, stderr: "" });
  });

  test("keys with which the operator could not log in are taken back", () => {
    const before = keysNow();
    expect(settle({ keys: [pub("new")] })).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /Permission denied[^]*nobody logged in with .*, so the old is back. Does .* hold the key that you use,/,
      ),
    });
    expect(keysNow()).toEqual(before);
  });

  test("a connection that breaks before the new keys were tried brings the old ones back", () => {
    const before = keysNow();
    expect(machine.guest("mirror-settings.sh", ["root"], documentOf({ keys: [pub("new")] }))).toMatchObject({
      status: 1,
      stdout: "changed\n",
    });
    expect(keysNow()).toEqual(before);
  });

  test.each([
    ["no key at all", [] as string[], "the stack file leaves no key that may log in"],
    ["a damaged key", ["ssh-ed25519 AAAAbroken"], "ssh-keygen cannot read one of the keys"],
  ])("%s is refused", (_, keys, message) => {
    const before = keysNow();
    expect(settle({ keys })).toMatchObject({ status: 3, stderr: expect.stringContaining(message) });
    expect(keysNow()).toEqual(before);
  });

  test("a document that was cut short is refused", () => {
    expect(machine.guest("mirror-settings.sh", ["root"], `key ${pub("mine")}\n`)).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("is cut short"),
    });
  });
});

test("apt's proxy comes, changes and goes", () => {
  const used = () => machine.ok("apt-config shell proxy Acquire::http::Proxy");
  machine.ok("rm -f /etc/apt/apt.conf.d/*proxy*; apt-config shell proxy Acquire::http::Proxy >/run/without");
  for (const proxy of ["http://10.30.0.1:3142", "http://10.30.0.9:8080"]) {
    expect(settle({ proxy })).toMatchObject({
      status: 0,
      stderr: expect.stringContaining(`apt uses the proxy ${proxy} from now on`),
    });
    expect(used()).toBe(`proxy='${proxy}'`);
    expect(settle({ proxy })).toMatchObject({ status: 0, stderr: "" });
  }
  expect(settle({})).toMatchObject({ status: 0, stderr: expect.stringContaining("apt uses no proxy") });
  expect(used()).toBe(machine.ok("cat /run/without"));
});

test("the time at which copies are compared comes, changes and goes", () => {
  const timer = "/etc/systemd/system/kvm-mirror-verify.timer";
  machine.ok("cp $GUEST_SCRIPTS/systemd/kvm-mirror-verify.* /etc/systemd/system/");
  machine.play("systemctl", 'printf "%s\\n" "$*" >>/run/systemctl');
  const told = () => machine.ok("cat /run/systemctl; rm /run/systemctl").split("\n");
  const isOn = () => machine.sh("test -L /etc/systemd/system/multi-user.target.wants/kvm-mirror-verify.timer").status;
  for (const verify of ["Sun *-*-* 03:00:00", "*-*-01 23:30:00"]) {
    expect(settle({ verify })).toMatchObject({
      status: 0,
      stderr: `mirror-settings.sh: the copies of volumes are compared at ${verify} from now on\n`,
    });
    expect(machine.ok(`cat ${timer}.d/schedule.conf`).split("\n").slice(1)).toEqual([
      "[Timer]",
      "OnCalendar=",
      `OnCalendar=${verify}`,
    ]);
    expect(isOn()).toBe(0);
    expect(told()).toEqual(["daemon-reload", "restart kvm-mirror-verify.timer"]);
    expect(machine.sh("systemd-analyze verify --man=no kvm-mirror-verify.timer")).toEqual({
      status: 0,
      stdout: "",
      stderr: "",
    });
    expect(settle({ verify })).toMatchObject({ status: 0, stderr: "" });
  }
  expect(settle({ verify: "Sun 25:00" })).toMatchObject({
    status: 3,
    stderr: expect.stringContaining("systemd does not know the time 'Sun 25:00' (kvm-mirror:verify)"),
  });
  expect(settle({})).toMatchObject({
    status: 0,
    stderr: "mirror-settings.sh: the copies of volumes are compared at no set time from now on\n",
  });
  expect(isOn()).toBe(1);
  expect(told()).toEqual(["stop kvm-mirror-verify.timer", "daemon-reload"]);
  expect(machine.sh(`ls ${timer}.d/schedule.conf`).status).toBe(2);
  expect(settle({})).toMatchObject({ status: 0, stderr: "" });
  machine.ok("rm /usr/sbin/systemctl");
});

describe("networks", () => {
  test.each([
    [
      "another address",
      { storage: "10.20.0.13/24 - - -" },
      "kvm-mirror:mirrors.mirror-a.storage is 10.20.0.13/24 in the stack file, and " +
        "storage0 of this mirror has 10.20.0.11/24 10.20.0.10/24",
    ],
    [
      "another prefix",
      { management: "10.30.0.11/16 - - -" },
      "kvm-mirror:mirrors.mirror-a.management is 10.30.0.11/16",
    ],
    [
      "another gateway",
      { management: "10.30.0.11/24 - 10.30.0.254 -" },
      "kvm-mirror:networks.management.gateway is 10.30.0.254 in the stack file, and this mirror uses 10.30.0.1",
    ],
  ])("%s is refused with the way out, and nothing else is changed", (_, networks, message) => {
    const before = keysNow();
    const refused = settle({ ...networks, keys: [pub("mine"), pub("new")], proxy: "http://10.30.0.1:3142" });
    expect(refused).toMatchObject({ status: 3, stderr: expect.stringContaining(message) });
    expect(refused.stderr).toContain("Put the old value back; or have the mirror made anew");
    expect(keysNow()).toEqual(before);
    expect(machine.sh("ls /etc/apt/apt.conf.d/90cloud-init-aptproxy").status).toBe(2);
  });

  test("an MTU that the VM's network card does not take yet is refused with the way to it", () => {
    machine.ok("mv /sbin/ip /sbin/ip.real");
    machine.play(
      "ip",
      'if [[ "$*" == "-d -o link show dev storage0" ]]; then echo "3: storage0: mtu 1400 ' +
        'minmtu 68 maxmtu 1500 addr"; else exec /sbin/ip.real "$@"; fi',
    );
    const refused = settle({ storage: "10.20.0.11/24 9000 - -" });
    machine.ok("mv /sbin/ip.real /sbin/ip");
    expect(refused).toMatchObject({
      status: 3,
      stderr: expect.stringContaining(
        "kvm-mirror:networks.storage.mtu is 9000 in the stack file, and the virtual network card " +
          "storage0 of this mirror takes at most 1500 until its VM is restarted",
      ),
    });
  });

  test("MTU and name servers are set at once and for later boots, and the VIP stays", () => {
    machine.ok("printf 'search example.net\\nnameserver 10.30.0.7\\n' >/etc/resolv.conf");
    const networks = {
      storage: "10.20.0.11/24 9000 - -",
      management: "10.30.0.11/24 - 10.30.0.1 10.30.0.1,192.0.2.53",
    };
    expect(settle(networks)).toMatchObject({ status: 0 });
    expect(
      machine.ok("cat /sys/class/net/storage0/mtu /etc/resolv.conf; ip -4 -o address show dev storage0 | wc -l"),
    ).toBe("9000\nnameserver 10.30.0.1\nnameserver 192.0.2.53\nsearch example.net\n2");
    expect(
      machine.ok(
        "cd /etc/systemd/network && cat 10-netplan-storage0.network.d/kvm-mirror-settings.conf " +
          "10-netplan-management0.network.d/kvm-mirror-settings.conf | grep -v '^#'",
      ),
    ).toBe("[Link]\nMTUBytes=9000\n[Network]\nDNS=\nDNS=10.30.0.1\nDNS=192.0.2.53");
    expect(settle(networks)).toMatchObject({ status: 0, stderr: "" });
  });
});
