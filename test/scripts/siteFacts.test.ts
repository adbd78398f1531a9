/** What `kvm-mirror check` is told by a KVM host: real bridges, packets and firewall. */
import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parseRows, type Row } from "../../src/operate/observe/siteRows.ts";
import { siteQuestions } from "../../src/operate/observe/siteQuestions.ts";
import { oneHost } from "../unit/config/sample.ts";
import { automaticPlanOf, planOf } from "../unit/render/sample.ts";
import { playedHost } from "./playedHost.ts";

const host = playedHost();
/** Rows of a probe, by what site-facts.sh says in the words that the command reads. */
function facts<Name extends Row["probe"]>(probe: Name, questions: string) {
  const { status, stdout, stderr } = host.script("site-facts.sh", questions);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return parseRows(stdout).filter((row) => row.probe === probe);
}
const ok = (command: string) => host.machine.ok(command);

/** The host, with a bridge that a switch joins with another host, kvm-b, at 10.20.0.3. */
beforeAll(() => {
  ok(`ip netns add switch && ip netns add kvm-b
    ip link add br-storage mtu 9000 type bridge && ip link add eno1 mtu 9000 type veth peer name p0 mtu 9000 netns switch
    ip link add vnet7 mtu 1500 type veth peer name other && ip link set vnet7 master br-storage
    ip -n kvm-b link add eth0 mtu 9000 type veth peer name p1 mtu 9000 netns switch
    ip -n switch link add br0 mtu 9000 type bridge
    for port in p0 p1 br0; do ip -n switch link set $port up; done
    for port in p0 p1; do ip -n switch link set $port master br0; done
    ip link set eno1 master br-storage && ip link set eno1 up && ip link set br-storage mtu 9000 up
    ip -n kvm-b link set eth0 up && ip -n kvm-b addr add 10.20.0.3/24 dev eth0
    ip addr add 10.20.0.2/24 dev br-storage
    until ping -c 1 -W 1 10.20.0.3; do :; done
    echo 'MaxStartups 4:50:20' >/etc/ssh/sshd_config && ssh-keygen -q -A && mkdir -p /run/sshd
    mkdir -p /run/pools/default && printf image >/tmp/mirror.img`);
});
beforeEach(() => void ok("rm -f /run/virsh/{down,no-kvm} /run/pools/*.stopped /dev/kvm"));

describe("site-facts.sh", () => {
  test("tells the time, and whether it may be root", () => {
    const before = Date.now() / 1000;
    const [row] = facts("host", "");
    expect(row).toEqual({ probe: "host", time: expect.any(Number), root: true });
    expect((row as { time: number }).time).toBeGreaterThanOrEqual(before - 1);
  });

  test("tells sshd's MaxStartups, and why it cannot", () => {
    expect(facts("sshd", "")).toEqual([{ probe: "sshd", maxStartups: "4:50:20" }]);
    ok("mv /etc/ssh/sshd_config /etc/ssh/away");
    expect(facts("unknown", "")).toEqual([
      { probe: "unknown", of: "sshd's MaxStartups", why: expect.stringContaining("No such file") },
    ]);
    ok("mv /etc/ssh/away /etc/ssh/sshd_config");
  });

  test("tells what libvirt and KVM are", () => {
    expect(facts("libvirt", "")).toEqual([{ probe: "libvirt", libvirt: "9.0.0", qemu: "7.2.22" }]);
    expect(facts("kvm", "")).toEqual([{ probe: "kvm", state: "no-device", said: "" }]);
    ok("mknod /dev/kvm c 10 232");
    expect(facts("kvm", "")).toEqual([{ probe: "kvm", state: "works", said: "" }]);
    ok("touch /run/virsh/no-kvm");
    expect(facts("kvm", "")).toEqual([
      { probe: "kvm", state: "refused", said: expect.stringContaining("KVM is not supported") },
    ]);
  });

  test("asks a libvirt that does not answer nothing else, and goes on", () => {
    ok("touch /run/virsh/down");
    const all = parseRows(host.script("site-facts.sh", "--pool default --domain app-1 --bridge br-storage").stdout);
    expect(all.map(({ probe }) => probe).sort()).toEqual(["bridge", "forward", "host", "sshd", "unknown"]);
    expect(all).toContainEqual({ probe: "unknown", of: "libvirt", why: expect.stringContaining("Failed to connect") });
  });

  test("tells a bridge's state, MTU and ports, guests' taps left out", () => {
    expect(facts("bridge", "--bridge br-storage --bridge br-gone --bridge eno1")).toEqual(
      expect.arrayContaining([
        { probe: "bridge", name: "br-storage", state: "up", mtu: 9000, ports: [{ name: "eno1", mtu: 9000 }] },
        { probe: "bridge", name: "br-gone", state: "absent", mtu: 0, ports: [] },
        { probe: "bridge", name: "eno1", state: "no-bridge", mtu: 0, ports: [] },
      ]),
    );
    ok("ip link add br-new type bridge");
    expect(facts("bridge", "--bridge br-new")).toEqual([
      { probe: "bridge", name: "br-new", state: "down", mtu: 1500, ports: [] },
    ]);
    ok("ip link set br-new up && ip link add v0 type veth peer name v1 && ip link set v0 master br-new up");
    expect(facts("bridge", "--bridge br-new")).toMatchObject([
      { state: "no-carrier", ports: [{ name: "v0", mtu: 1500 }] },
    ]);
  });

  test("tells a pool, and which volumes it has", () => {
    ok("touch /run/pools/default/stack.mirror-a.r0.raw");
    const questions = "--pool default --volume stack.mirror-a.r0.raw --volume stack.mirror-a.r1.raw";
    expect(facts("pool", questions)).toEqual([
      { probe: "pool", name: "default", state: "running", type: "dir", free: expect.any(Number), promised: 0 },
    ]);
    expect(facts("volume", questions)).toEqual([{ probe: "volume", name: "stack.mirror-a.r0.raw" }]);
    ok("touch /run/pools/default.stopped");
    expect(facts("pool", questions)).toMatchObject([{ state: "inactive" }]);
    expect(facts("pool", "--pool fast")).toMatchObject([{ name: "fast", state: "absent" }]);
  });

  test("counts what disks of ours may still take from the pool", () => {
    ok(`mkdir -p /var/lib/libvirt/kvm-mirror/default && truncate -s 500M /run/pools/default/stack.mirror-a.r1.raw
      touch /var/lib/libvirt/kvm-mirror/default/stack.mirror-a.r1.raw`);
    expect(facts("pool", "--pool default")).toMatchObject([{ promised: 500 * 1024 ** 2 }]);
    ok("rm -r /var/lib/libvirt/kvm-mirror /run/pools/default/stack.mirror-a.r1.raw");
  });

  test("tells domains, and whose they are", () => {
    ok(`sed -i "s|<devices>|<metadata><k:owner xmlns:k='https://pulumi.com/kvm-mirror' stack='kvm-mirror/unit' \
resource='app-2'/></metadata><devices>|" /run/virsh/app-2/persistent.xml`);
    expect(facts("domain", "--domain app-1 --domain app-2 --domain app-3")).toEqual([
      { probe: "domain", name: "app-1", owner: "" },
      { probe: "domain", name: "app-2", owner: "kvm-mirror/unit" },
    ]);
  });

  describe("tells of an image", () => {
    const sum = createHash("sha256").update("image").digest("hex");
    const image = (checksum: string, source = "/tmp/mirror.img", volume = "image.qcow2") =>
      facts("image", `--pool default --image ${volume} ${source} ${checksum}`).map((row) =>
        row.probe === "image" ? row.state : row.probe,
      );

    test("on the host: that it is what the stack file names", () => {
      expect(image(`sha256:${sum}`)).toEqual(["ok"]);
      expect(image(`sha256:${"0".repeat(64)}`)).toEqual(["differs"]);
      expect(image(`sha256:${sum}`, "/tmp/gone.img")).toEqual(["absent"]);
    });

    test("by a list of checksums", () => {
      ok(`printf '%s  other.img\\n%s *mirror.img\\n' ${"0".repeat(64)} ${sum} >/tmp/SHA256SUMS`);
      expect(image("sha256sums:/tmp/SHA256SUMS")).toEqual(["ok"]);
      ok("sed -i 's/ .mirror/ *another/' /tmp/SHA256SUMS");
      expect(image("sha256sums:/tmp/SHA256SUMS")).toEqual(["not-listed"]);
      expect(image("sha256sums:/tmp/GONE")).toEqual(["no-list"]);
    });

    test("at a URL, by its head alone", () => {
      host.machine.play(
        "curl",
        `echo "$*" >>/run/curl; [[ "$*" != *gone* ]] || { echo 'curl: (22) 404' >&2; exit 22; }`,
      );
      expect(image(`sha256:${sum}`, "https://images.example.net/mirror.img")).toEqual(["ok"]);
      expect(image(`sha256:${sum}`, "https://images.example.net/gone.img")).toEqual(["unreachable"]);
      expect(ok("cat /run/curl")).toMatch(/--head .*--max-time 15/);
    });

    test("nothing, where the pool has it", () => {
      ok("touch /run/pools/default/image.qcow2");
      expect(image(`sha256:${"0".repeat(64)}`)).toEqual([]);
      ok("rm /run/pools/default/image.qcow2");
    });
  });

  test("tells where it has an address", () => {
    expect(facts("address", "--has 10.20.0.2 --has 10.20.0.9")).toEqual([
      { probe: "address", address: "10.20.0.2", device: "br-storage" },
      { probe: "address", address: "10.20.0.9", device: "" },
    ]);
  });

  test("tells what the path to the other host carries", () => {
    const path = (questions: string) => facts("path", questions).map((row) => (row.probe === "path" ? row : undefined));
    expect(path("--path 10.20.0.2 10.20.0.3 0")).toEqual([
      { probe: "path", to: "10.20.0.3", device: "br-storage", bytes: 9000, state: "full" },
    ]);
    ok("for port in p0 p1; do ip -n switch link set $port mtu 1500; done");
    expect(path("--path 10.20.0.2 10.20.0.3 9000")).toMatchObject([{ state: "small" }]);
    expect(path("--path 10.20.0.2 10.20.0.3 1500")).toMatchObject([{ state: "full" }]);
    ok("for port in p0 p1; do ip -n switch link set $port mtu 9000; done");
    expect(path("--path 10.20.0.2 10.20.0.4 1500")).toMatchObject([{ state: "silent" }]);
    expect(path("--path 10.20.0.9 10.20.0.3 1500")).toEqual([]);
  });

  test("tells who has an address, even one that answers no ping", () => {
    ok(`ip -n kvm-b addr add 10.20.0.11/24 dev eth0
      ip netns exec kvm-b sysctl -q net.ipv4.icmp_echo_ignore_all=1; ip neighbour flush dev br-storage`);
    const mac = ok("ip -n kvm-b -br link show eth0 | awk '{ print $3 }'");
    expect(facts("free", "--free 10.20.0.11 --free 10.20.0.12 --free 10.20.0.2 --free 10.99.0.1")).toEqual(
      expect.arrayContaining([
        { probe: "free", address: "10.20.0.11", state: "taken", mac },
        { probe: "free", address: "10.20.0.12", state: "free", mac: "" },
        { probe: "free", address: "10.20.0.2", state: "own", mac: "" },
        { probe: "free", address: "10.99.0.1", state: "no-way", mac: "" },
      ]),
    );
    ok("ip netns exec kvm-b sysctl -q net.ipv4.icmp_echo_ignore_all=0; ip -n kvm-b addr del 10.20.0.11/24 dev eth0");
  });

  test("tells whether a server answers", () => {
    ok(`setsid ip netns exec kvm-b python3 -c '
import socket, time
server = socket.create_server(("10.20.0.3", 5403)); time.sleep(60000)' >/dev/null 2>&1 &
      until ip netns exec kvm-b ss -Hltn sport 5403 | grep -q .; do :; done`);
    expect(facts("tcp", "--tcp 10.20.0.3 5403 --tcp 10.20.0.3 22")).toEqual(
      expect.arrayContaining([
        { probe: "tcp", address: "10.20.0.3", port: 5403, state: "open" },
        { probe: "tcp", address: "10.20.0.3", port: 22, state: "closed" },
      ]),
    );
  });

  describe("tells what a firewall does to bridged packets", () => {
    const forward = () => facts("forward", "--bridge br-storage --bridge br-new")[0];
    const rules = (...lines: string[]) =>
      host.machine.play("iptables", `printf '%s\\n' ${lines.map((line) => `'${line}'`).join(" ")}`);
    const drop = "-P FORWARD DROP";
    const base = { probe: "forward", calls: true, policy: "DROP" };
    const calls = (value: number) => ok(`echo ${value} >/proc/sys/net/bridge/bridge-nf-call-iptables`);
    beforeAll(() => void ok("mount -t tmpfs none /proc/sys/net && mkdir /proc/sys/net/bridge"));
    afterAll(() => void ok("umount /proc/sys/net && rm -f /usr/sbin/iptables"));

    test("that sees none", () => {
      const none = { probe: "forward", calls: false, policy: "", accepts: true, manager: "none" };
      expect(forward()).toEqual(none);
      calls(0);
      expect(forward()).toEqual(none);
    });

    test("that sees them all", () => {
      calls(1);
      rules(drop, "-N DOCKER-USER", "-A FORWARD -i docker0 -o docker0 -j ACCEPT");
      expect(forward()).toEqual({ ...base, accepts: false, manager: "docker" });
      rules(drop, "-N DOCKER-USER", "-A DOCKER-USER -m physdev --physdev-is-bridged -j ACCEPT");
      expect(forward()).toEqual({ ...base, accepts: true, manager: "docker" });
      rules(drop, "-N ufw-before-forward", "-A FORWARD -i br-storage -o br-storage -j ACCEPT");
      expect(forward()).toEqual({ ...base, accepts: false, manager: "ufw" });
      rules(drop, "-A FORWARD -i br-storage -o br-storage -j ACCEPT", "-A FORWARD -i br-new -o br-new -j ACCEPT");
      expect(forward()).toEqual({ ...base, accepts: true, manager: "none" });
      host.machine.play("iptables", "echo 'iptables: Permission denied' >&2; exit 4");
      expect(facts("unknown", "")).toMatchObject([{ of: "the host's firewall, which sees bridged packets" }]);
    });
  });

  test.each([planOf(), automaticPlanOf({ qdevice: { address: "10.30.0.9" } }), planOf(oneHost)])(
    "takes every question that a plan leads to",
    (plan) => {
      // Nobody has these addresses here; what is asked of them has tests of its own.
      const quick = (words: readonly string[]) =>
        words
          .join("\n")
          .replaceAll(/--(free|tcp)\n.*(\n\d+(?=\n|$))?/g, "--has\n10.20.0.9")
          .split("\n");
      for (const one of plan.hosts) {
        const questions = siteQuestions(plan, one);
        expect(
          host.script(
            "site-facts.sh",
            quick(questions)
              .map((word) => `'${word}'`)
              .join(" "),
          ),
        ).toMatchObject({
          status: 0,
          stdout: expect.stringContaining(`"probe":"pool","name":"${one.pool}"`),
          stderr: "",
        });
      }
    },
  );

  test("takes nothing but its questions", () => {
    for (const words of [
      "--bridge",
      "--bridge '$(id)'",
      "--bridge -x",
      "--tcp 10.0.0.1",
      "--tcp 10.0.0.1 x",
      "--path 1 2 3",
      "--image a /x sha256:0",
      "--image a 'http://x' sha256sums:/y",
      "--nothing x",
    ])
      expect([words, host.script("site-facts.sh", words).status]).toEqual([words, 2]);
  });
});
