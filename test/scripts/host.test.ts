import { resolve } from "node:path";
import { afterAll, beforeEach, beforeAll, describe, expect, test } from "vitest";
import { Machine } from "./machine.ts";

const scripts = resolve(import.meta.dirname, "../../scripts/host");
let machine: Machine;
beforeAll(async () => {
  machine = await Machine.start();
});
afterAll(() => machine?.stop());

const nbd = (target = "vdb", name = "r0", serial = "stack-r0") =>
  `<disk type='network' device='disk'>
  <driver name='qemu' type='raw' cache='none'/>
  <source protocol='nbd' name='${name}'>
    <host name='10.20.0.10' port='10809'/>
  </source>
  <target dev='${target}' bus='virtio'/>
  <serial>${serial}</serial>
</disk>
`;
const iscsi = `<disk type="network" device="disk"><driver name="qemu" type="raw" cache="none"/><source protocol="iscsi" name="iqn.2026-11.net.example:r1/1"><host name="10.20.0.10" port="3260"/></source><target dev="sdb" bus="sata"/><serial>stack-r1</serial></disk>
`;
/** As src/render/qemuDisk.ts writes it. */
const qemu = (target = "vdb", name = "r0", serial = "stack-r0") => {
  const id = `kvm-mirror-${target}`;
  const node = { driver: "nbd", "node-name": id, server: { type: "inet", host: "10.20.0.10", port: "10809", "keep-alive": true }, export: name, "reconnect-delay": 300 };
  const device = { driver: "virtio-blk-pci", id, drive: id, serial, werror: "stop", addr: `0x1${target.charCodeAt(2) - 97}` };
  return `<qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <qemu:arg value='-blockdev'/>
  <qemu:arg value='${JSON.stringify(node)}'/>
  <qemu:arg value='-device'/>
  <qemu:arg value='${JSON.stringify(device)}'/>
</qemu:commandline>
`;
};
const domain = (name: string) => `<domain>
  <name>${name}</name>
  <devices>
    <disk type='file' device='disk'>
      <source file='/os.qcow2'/>
      <target dev='vda' bus='virtio'/>
    </disk>
  </devices>
</domain>
`;
const script = (name: string, args: string, stdin = "") => machine.sh(`bash ${scripts}/${name} ${args}`, stdin);
const attach = (target: string, xml: string, name = "app-1") => script("attach-disk.sh", `${name} ${target}`, xml);
const state = () => JSON.parse(script("client-state.sh", "app-1").stdout).domains[0];
const run = () => machine.ok("cp /run/virsh/app-1/persistent.xml /run/virsh/app-1/live.xml");

beforeEach(() => {
  machine.ok("rm -rf /run/virsh /run/ufw && mkdir -p /run/virsh/app-1 /run/virsh/app-2 /run/ufw && cat >/run/virsh/app-1/persistent.xml", domain("app-1"));
  machine.ok("cat >/run/virsh/app-2/persistent.xml", domain("app-2"));
});

describe("attach-disk.sh", () => {
  test("puts a disk into the definition of a domain that is off, once", () => {
    expect(attach("vdb", nbd())).toMatchObject({ status: 0, stderr: "attach-disk.sh: r0 is in the definition of app-1 as vdb\n" });
    expect(attach("vdb", nbd())).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(attach("sdb", iscsi)).toMatchObject({ status: 0 });
    expect(state()).toEqual({
      name: "app-1",
      state: "shut off",
      reason: "",
      disks: [
        { target: "vdb", source: "r0", protocol: "nbd" },
        { target: "sdb", source: "iqn.2026-11.net.example:r1/1", protocol: "iscsi" },
      ],
    });
  });

  test("plugs a virtio disk into a running domain and its definition", () => {
    run();
    expect(attach("vdb", nbd())).toMatchObject({ status: 0 });
    expect(machine.ok("cd /run/virsh/app-1; grep -c stack-r0 live.xml persistent.xml")).toBe("live.xml:1\npersistent.xml:1");
  });

  test("goes on after an interruption between the running domain and its definition", () => {
    run();
    machine.ok("cp /run/virsh/app-1/persistent.xml /run/kept");
    attach("vdb", nbd());
    machine.ok("cp /run/kept /run/virsh/app-1/persistent.xml");
    expect(attach("vdb", nbd())).toMatchObject({ status: 0 });
    expect(machine.ok("cd /run/virsh/app-1; grep -c stack-r0 live.xml persistent.xml")).toBe("live.xml:1\npersistent.xml:1");
  });

  test("says that a SATA disk appears at the next start of a running domain", () => {
    run();
    const result = attach("sdb", iscsi);
    expect(result).toMatchObject({ status: 0, stderr: expect.stringContaining("its sata disk sdb cannot be plugged in now: it appears when app-1 is next started") });
    expect(machine.ok("cd /run/virsh/app-1; grep -l stack-r1 *.xml")).toBe("persistent.xml");
  });

  test("names the cause when the export does not answer, and leaves the definition as it was", () => {
    run();
    machine.ok("touch /run/virsh/unreachable");
    expect(attach("vdb", nbd())).toMatchObject({ status: 1, stderr: expect.stringContaining("the export on 10.20.0.10:10809 must be up before") });
    expect(state().disks).toEqual([]);
  });

  test.each([
    ["another disk on the target", () => attach("vdb", nbd("vdb", "r9", "stack-r9")), "has another disk on target vdb"],
    ["the OS disk's target", () => attach("vda", nbd("vda", "r8", "stack-r8")), "has another disk on target vda: one that is no network disk"],
    ["the same volume on another target", () => attach("vdc", nbd("vdc")), "volume r0 (serial stack-r0) is the disk vdb (virtio) of domain app-1 already"],
    ["the same volume in another domain", () => attach("vdb", nbd(), "app-2"), "is the disk vdb (virtio) of domain app-1 already"],
    ["the same volume by the other protocol", () => attach("sdb", iscsi.replace("stack-r1", "stack-r0"), "app-2"), "is the disk vdb (virtio) of domain app-1 already"],
    ["XML for another target", () => attach("vdd", nbd()), "the XML on stdin is for target vdb, not vdd"],
    ["a domain that is not there", () => attach("vdb", nbd(), "app-3"), "this host has no domain app-3"],
    ["no XML", () => attach("vdb", ""), "stdin must hold the XML of one network disk"],
  ])("refuses %s", (_, attempt, words) => {
    attach("vdb", nbd());
    const before = machine.ok("cat /run/virsh/*/*.xml");
    expect(attempt()).toMatchObject({ status: 3, stderr: expect.stringContaining(words) });
    expect(machine.ok("cat /run/virsh/*/*.xml")).toBe(before);
  });
});

describe("attach-disk.sh with QEMU's arguments", () => {
  const args = () => machine.ok("grep -c '<qemu:arg ' /run/virsh/app-1/persistent.xml || true");
  const monitored = () => JSON.parse(machine.ok("cat /run/virsh/app-1/qemu.json"));

  test("puts them into the definition of a domain that is off, once, beside those of others", () => {
    machine.ok(`cat >/run/virsh/app-1/persistent.xml`, domain("app-1").replace("</domain>", "  <qemu:commandline>\n    <qemu:arg value='-device'/>\n    <qemu:arg value='edu'/>\n  </qemu:commandline>\n</domain>").replace("<domain>", "<domain xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>"));
    expect(attach("vdb", qemu())).toMatchObject({ status: 0, stderr: "attach-disk.sh: r0 is in the definition of app-1 as vdb\n" });
    expect(attach("vdb", qemu())).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(attach("vdc", qemu("vdc", "r2", "stack-r2"))).toMatchObject({ status: 0 });
    expect(args()).toBe("10");
    expect(state().disks).toEqual([
      { target: "vdb", source: "r0", protocol: "nbd" },
      { target: "vdc", source: "r2", protocol: "nbd" },
    ]);
    expect(script("detach-disk.sh", "app-1 vdb r0")).toMatchObject({ status: 0 });
    expect(script("detach-disk.sh", "app-1 vdc r2")).toMatchObject({ status: 0 });
    expect(machine.ok("grep 'qemu:' /run/virsh/app-1/persistent.xml | tail -n +2")).toMatchInlineSnapshot(`
      "    <qemu:arg value='-device'/>
          <qemu:arg value='edu'/>
        </qemu:commandline>"
    `);
  });

  test("plugs the disk into a running domain, which keeps it over its own restart, and out again", () => {
    run();
    expect(attach("vdb", qemu())).toMatchObject({ status: 0, stderr: expect.stringContaining("r0 is attached to the running app-1 as vdb") });
    expect(Object.keys(monitored().devices)).toEqual(["kvm-mirror-vdb"]);
    expect(args()).toBe("4");
    expect(state()).toMatchObject({ state: "running", disks: [{ target: "vdb", source: "r0", protocol: "nbd" }] });
    expect(attach("vdb", qemu())).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(script("detach-disk.sh", "app-1 vdb r0")).toMatchObject({ status: 0 });
    expect(monitored()).toEqual({ nodes: {}, devices: {} });
    expect(args()).toBe("0");
    expect(machine.ok("cat /run/virsh/app-1/persistent.xml")).toBe(domain("app-1").trimEnd());
  });

  test("what was plugged out of a running domain counts as gone, though it was started with it", () => {
    attach("vdb", qemu());
    run();
    expect(script("detach-disk.sh", "app-1 vdb r0")).toMatchObject({ status: 0 });
    expect(machine.ok("grep -c kvm-mirror-vdb /run/virsh/app-1/live.xml")).toBe("2");
    expect(state().disks).toEqual([]);
    expect(attach("vdb", qemu(), "app-2")).toMatchObject({ status: 0 });
  });

  test("goes on after an interruption between the running domain and its definition", () => {
    run();
    machine.ok("cp /run/virsh/app-1/persistent.xml /run/kept");
    attach("vdb", qemu());
    machine.ok("cp /run/kept /run/virsh/app-1/persistent.xml");
    expect(attach("vdb", qemu())).toMatchObject({ status: 0, stderr: "attach-disk.sh: the running app-1 keeps its connection to r0 as it is until it is next started (shut it down and start it)\nattach-disk.sh: r0 is in the definition of app-1 as vdb\n" });
    expect(args()).toBe("4");
  });

  test("says that the disk appears at the next start where it cannot be plugged in", () => {
    run();
    machine.ok("touch /run/virsh/app-1/q35");
    expect(attach("vdb", qemu())).toMatchObject({ status: 0, stderr: expect.stringContaining("cannot be plugged in now: it appears when app-1 is next started") });
    expect(args()).toBe("4");
    expect(monitored().nodes).toEqual({});
  });

  test("names the cause when the export does not answer, and leaves the definition as it was", () => {
    run();
    machine.ok("touch /run/virsh/unreachable");
    expect(attach("vdb", qemu())).toMatchObject({ status: 1, stderr: expect.stringContaining("the export on 10.20.0.10:10809 must be up before") });
    expect(args()).toBe("0");
  });

  test("takes the place of libvirt's form in the definition, and gives it back to a newer libvirt; the running domain keeps its disk", () => {
    attach("vdb", nbd());
    run();
    expect(attach("vdb", qemu())).toMatchObject({ status: 0, stderr: "attach-disk.sh: the running app-1 keeps its connection to r0 as it is until it is next started (shut it down and start it)\nattach-disk.sh: r0 is in the definition of app-1 as vdb, in a new form\n" });
    expect(machine.ok("grep -c stack-r0 /run/virsh/app-1/persistent.xml /run/virsh/app-1/live.xml")).toBe("/run/virsh/app-1/persistent.xml:1\n/run/virsh/app-1/live.xml:1");
    machine.ok("touch /run/virsh/reconnects");
    expect(attach("vdb", nbd().replace("</source>", "<reconnect delay='300'/>\n</source>"))).toMatchObject({ status: 0, stderr: expect.stringContaining("in a new form") });
    expect(args()).toBe("0");
    expect(machine.ok("grep -c reconnect /run/virsh/app-1/persistent.xml")).toBe("1");
  });

  test("changed options change the definition", () => {
    attach("vdb", qemu());
    expect(attach("vdb", qemu().replace('"reconnect-delay":300', '"reconnect-delay":60'))).toMatchObject({ status: 0, stderr: expect.stringContaining("in a new form") });
    expect(machine.ok("grep -c 'reconnect-delay\":60' /run/virsh/app-1/persistent.xml")).toBe("1");
    expect(args()).toBe("4");
  });

  test.each([
    ["another disk on the target", () => attach("vdb", qemu("vdb", "r9", "stack-r9")), "has another disk on target vdb"],
    ["the same volume in another form on another target", () => attach("vdc", nbd("vdc")), "volume r0 (serial stack-r0) is the disk vdb (virtio) of domain app-1 already"],
    ["the same volume in another domain", () => attach("vdb", qemu(), "app-2"), "is the disk vdb (virtio) of domain app-1 already"],
    ["a PCI slot that is taken", () => attach("vdc", qemu("vdc", "r2", "stack-r2"), "app-3"), "PCI slot 0x12 of app-3, where target vdc goes, is taken by another device"],
    ["libvirt's form where libvirt drops <reconnect>", () => attach("vdd", nbd("vdd", "r4", "stack-r4").replace("</source>", "<reconnect delay='300'/>\n</source>")), "libvirt did not keep the disk vdd as it was asked to"],
  ])("refuses %s", (_, attempt, words) => {
    machine.ok("mkdir /run/virsh/app-3 && cat >/run/virsh/app-3/persistent.xml", domain("app-3").replace("</disk>", "<address type='pci' domain='0x0000' bus='0x00' slot='0x12' function='0x0'/>\n</disk>"));
    attach("vdb", qemu());
    expect(attempt()).toMatchObject({ status: 3, stderr: expect.stringContaining(words) });
    expect(machine.ok("grep -c serial /run/virsh/app-1/persistent.xml")).toBe(words.includes("libvirt did not") ? "2" : "1");
  });
});

describe("detach-disk.sh", () => {
  const detach = (args: string) => script("detach-disk.sh", args);

  test("takes the disk from the running domain and its definition, once", () => {
    attach("vdb", nbd());
    run();
    expect(detach("app-1 vdb r0")).toMatchObject({ status: 0 });
    expect(machine.ok("cat /run/virsh/app-1/live.xml; cat /run/virsh/app-1/persistent.xml")).toBe((domain("app-1") + domain("app-1")).trimEnd());
    expect(detach("app-1 vdb r0")).toMatchObject({ status: 0 });
    expect(detach("app-9 vdb r0")).toMatchObject({ status: 0, stderr: expect.stringContaining("there is no domain app-9 here") });
  });

  test.each([
    ["another network disk", "app-1 vdb r1"],
    ["the OS disk", "app-1 vda r0"],
  ])("never detaches %s", (_, args) => {
    attach("vdb", nbd());
    const before = machine.ok("cat /run/virsh/*/*.xml");
    expect(detach(args)).toMatchObject({ status: 3 });
    expect(machine.ok("cat /run/virsh/*/*.xml")).toBe(before);
  });

  test("refuses to unplug a SATA disk from a running domain", () => {
    attach("sdb", iscsi);
    run();
    expect(detach("app-1 sdb iqn.2026-11.net.example:r1/1")).toMatchObject({ status: 3, stderr: expect.stringContaining("its sata disk sdb cannot be unplugged; shut it down first") });
  });

  test("fails, with the definition as it was, when the guest does not release the disk", () => {
    attach("vdb", nbd());
    run();
    machine.ok("touch /run/virsh/app-1/stubborn");
    expect(detach("app-1 vdb r0 2")).toMatchObject({ status: 1, stderr: expect.stringContaining("did not release vdb within 2 s") });
    expect(state().disks).toHaveLength(1);
  });
});

test("detach-disk.sh fails when the guest does not release a disk of QEMU's arguments", () => {
  attach("vdb", qemu());
  run();
  machine.ok("touch /run/virsh/app-1/stubborn");
  expect(script("detach-disk.sh", "app-1 vdb r0 1")).toMatchObject({ status: 1, stderr: expect.stringContaining("did not release vdb within 1 s") });
  expect(state().disks).toHaveLength(1);
});

describe("TCP keepalive", () => {
  const file = "/etc/sysctl.d/60-kvm-mirror-keepalive.conf";
  const values = () => machine.ok("sysctl -n net.ipv4.tcp_keepalive_time net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes").split("\n").join(" ");

  test("is set, again without forgetting what held before, and set back", () => {
    expect(values()).toBe("7200 75 9");
    expect(script("keepalive-set.sh", "2 1 3")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(script("keepalive-set.sh", "3 1 4")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(values()).toBe("3 1 4");
    expect(machine.ok(`cat ${file}`)).toMatchInlineSnapshot(`
      "# Written by kvm-mirror; "pulumi destroy" removes it and sets back what held before.
      # before: net.ipv4.tcp_keepalive_time = 7200
      # before: net.ipv4.tcp_keepalive_intvl = 75
      # before: net.ipv4.tcp_keepalive_probes = 9
      net.ipv4.tcp_keepalive_time = 3
      net.ipv4.tcp_keepalive_intvl = 1
      net.ipv4.tcp_keepalive_probes = 4"
    `);
    machine.ok("sysctl -q -w net.ipv4.tcp_keepalive_probes=5");
    expect(script("keepalive-forget.sh", "")).toMatchObject({ status: 0, stderr: "keepalive-forget.sh: net.ipv4.tcp_keepalive_probes is 5, which is not from here, and stays\n" });
    expect(values()).toBe("7200 75 5");
    machine.ok(`sysctl -q -w net.ipv4.tcp_keepalive_probes=9 && [ ! -e ${file} ]`);
    expect(script("keepalive-forget.sh", "")).toMatchObject({ status: 0, stderr: expect.stringContaining("nothing to undo") });
    expect(script("keepalive-set.sh", "2 1")).toMatchObject({ status: 2 });
  });
});

test("reset-connections.sh ends connections to the VIP's ports, and no others", () => {
  const connected = () => machine.ok("ss -Htn state established | awk '{ print $4 }' | grep -E ':(10809|3260|22222)$' | sort -u | tr '\\n' ' '; true");
  machine.ok("ip address add 10.20.0.10/32 dev lo 2>/dev/null; mkdir -p /run/tcp; for port in 10809 3260 22222; do (setsid socat TCP-LISTEN:$port,bind=10.20.0.10,fork EXEC:'sleep 300' >/dev/null 2>&1 & echo $! >>/run/tcp/pids); done; sleep 1; for port in 10809 3260 22222; do (setsid socat TCP:10.20.0.10:$port EXEC:'sleep 300' >/dev/null 2>&1 & echo $! >>/run/tcp/pids); done; for i in $(seq 100); do [ $(ss -Htn state established dst 10.20.0.10 | grep -cE ':(10809|3260|22222) *$') = 3 ] && exit; sleep 0.1; done; exit 1");
  try {
    expect(script("reset-connections.sh", "10.20.0.10 10809 3260")).toMatchObject({ status: 0, stderr: expect.stringMatching(/^reset-connections.sh: ended 1 connection\(s\) of .* to 10.20.0.10:10809\n.*ended 1 connection\(s\) of .* to 10.20.0.10:3260\n$/) });
    expect(connected()).toBe("10.20.0.10:22222");
    expect(script("reset-connections.sh", "10.20.0.10 10809 3260")).toEqual({ status: 0, stdout: "", stderr: "" });
  } finally {
    machine.ok("kill $(cat /run/tcp/pids) 2>/dev/null; true");
  }
  expect(script("reset-connections.sh", "10.20.0.10")).toMatchObject({ status: 2 });
});

describe("resume-client.sh", () => {
  const resume = (args = "app-1 20") => script("resume-client.sh", args);
  const pause = (reason = "I/O error") => machine.ok(`printf '${reason}' >/run/virsh/app-1/paused`);
  const serve = () => machine.ok("ip address add 10.20.0.10/32 dev lo 2>/dev/null; truncate -s 1M /run/r0.raw; qemu-nbd --fork --pid-file=/run/nbd.pid --persistent --shared=0 -f raw -x r0 -b 10.20.0.10 /run/r0.raw");
  const unserve = () => machine.ok("[ ! -e /run/nbd.pid ] || kill $(cat /run/nbd.pid); for i in $(seq 50); do [ -z \"$(ss -Hltn sport = :10809)\" ] && exit; sleep 0.1; done; exit 1");
  beforeEach(() => {
    attach("vdb", qemu());
    run();
  });

  test("lets a paused client go on once its export can be opened, though the first try fails, and does nothing to one that runs", () => {
    pause();
    expect(state()).toMatchObject({ state: "paused", reason: "I/O error" });
    machine.ok("echo 2 >/run/virsh/app-1/failing");
    serve();
    try {
      expect(resume()).toEqual({ status: 0, stdout: "", stderr: "resume-client.sh: app-1 runs again\n" });
    } finally {
      unserve();
    }
    expect(state()).toMatchObject({ state: "running", reason: "" });
    expect(resume()).toMatchObject({ status: 0, stderr: "resume-client.sh: app-1 is running: nothing to resume\n" });
  });

  test("fails when it pauses again and again", () => {
    pause();
    machine.ok("echo 99 >/run/virsh/app-1/failing");
    serve();
    try {
      expect(resume("app-1 3")).toMatchObject({ status: 1, stderr: expect.stringContaining("app-1 pauses again and again") });
    } finally {
      unserve();
    }
  });

  test.each([
    ["while the export cannot be opened", () => pause(), "nbd://10.20.0.10:10809/r0, cannot be opened from"],
    ["what somebody paused", () => pause("user"), "was not paused by an I/O error but for another reason (user)"],
    ["what is off", () => machine.ok("rm /run/virsh/app-1/live.xml"), "app-1 is shut off, not paused"],
  ])("refuses %s", (_, prepare, words) => {
    prepare();
    const before = state();
    expect(resume()).toMatchObject({ status: 3, stderr: expect.stringContaining(words) });
    expect(state()).toEqual(before);
  });
});

describe("shutdown-client.sh", () => {
  const shutdown = (args: string) => script("shutdown-client.sh", args);

  test("shuts down what runs, once", () => {
    run();
    expect(shutdown("app-1")).toEqual({ status: 0, stdout: "", stderr: "shutdown-client.sh: app-1 is off\n" });
    expect(shutdown("app-1")).toMatchObject({ status: 0 });
    expect(shutdown("app-9")).toMatchObject({ status: 0, stderr: expect.stringContaining("there is no domain app-9 here") });
  });

  test("never cuts the power", () => {
    run();
    machine.ok("touch /run/virsh/app-1/deaf");
    expect(shutdown("app-1 1")).toMatchObject({ status: 1, stderr: expect.stringContaining("did not shut down within 1 s and runs on") });
    expect(state()).toMatchObject({ state: "running" });
  });

  test("refuses a paused one", () => {
    run();
    machine.ok("printf 'I/O error' >/run/virsh/app-1/paused");
    expect(shutdown("app-1")).toMatchObject({ status: 3, stderr: expect.stringContaining("is paused (I/O error) and cannot shut down") });
  });
});

test("exports-answer.sh says what does not answer", () => {
  machine.ok("ip address add 10.20.0.10/32 dev lo 2>/dev/null; setsid socat TCP-LISTEN:10810,bind=10.20.0.10,fork EXEC:cat >/dev/null 2>&1 & echo $! >/run/answer.pid; for i in $(seq 50); do [ -n \"$(ss -Hltn sport = :10810)\" ] && exit; sleep 0.1; done; exit 1");
  expect(script("exports-answer.sh", "10.20.0.10 10810")).toEqual({ status: 0, stdout: "", stderr: "" });
  expect(script("exports-answer.sh", "10.20.0.10 10810 3261")).toMatchObject({ status: 3, stderr: expect.stringContaining("nothing answers at 10.20.0.10:3261 from") });
  machine.ok("kill $(cat /run/answer.pid)");
});

test("host-version.sh says what libvirt and QEMU there are", () => {
  expect(script("host-version.sh", "")).toEqual({ status: 0, stdout: '{"libvirt":"9.0.0","qemu":"7.2.22"}\n', stderr: "" });
});

test("client-state.sh tells of a domain that is not there", () => {
  expect(JSON.parse(script("client-state.sh", "app-7").stdout).domains).toEqual([{ name: "app-7", state: "undefined", reason: "", disks: [] }]);
});

describe("ufw rules", () => {
  const rules = () => machine.ok("cat /run/ufw/rules 2>/dev/null || true");

  test("are added once and only ours are removed", () => {
    machine.ok("touch /run/ufw/active && echo 'ufw allow out 3260/tcp' >/run/ufw/rules");
    expect(script("ufw-allow.sh", "10809 3260")).toMatchObject({ status: 0 });
    expect(script("ufw-allow.sh", "10809 3260")).toMatchObject({ status: 0 });
    expect(rules()).toBe("ufw allow out 3260/tcp\nufw allow out 10809/tcp comment 'kvm-mirror'");
    expect(script("ufw-forget.sh", "10809 3260")).toMatchObject({ status: 0, stderr: expect.stringContaining("the rule for 3260/tcp is not from here and stays") });
    expect(rules()).toBe("ufw allow out 3260/tcp");
  });

  test("nothing is changed where ufw is not active", () => {
    expect(script("ufw-allow.sh", "10809")).toMatchObject({ status: 0, stderr: expect.stringContaining("ufw is not active") });
    expect(rules()).toBe("");
  });
});
