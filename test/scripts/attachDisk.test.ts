/** How a client's disks come to its KVM host, and change there. */
import { describe, expect, test } from "vitest";
import { iscsi, nbd, qemu } from "./diskSamples.ts";
import { playedHost } from "./playedHost.ts";

const host = playedHost();

describe("attach-disk.sh", () => {
  test("puts a disk into the definition of a domain that is off, once", () => {
    expect(host.attach("vdb", nbd())).toMatchObject({
      status: 0,
      stderr: "attach-disk.sh: r0 is in the definition of app-1 as vdb\n",
    });
    expect(host.attach("vdb", nbd())).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(host.attach("sdb", iscsi)).toMatchObject({ status: 0 });
    expect(host.state()).toEqual({
      name: "app-1",
      permit: "none",
      state: "shut off",
      reason: "",
      disks: [
        { target: "vdb", source: "r0", protocol: "nbd" },
        { target: "sdb", source: "iqn.2026-11.net.example:r1/1", protocol: "iscsi" },
      ],
    });
  });

  test("plugs a virtio disk into a running domain and its definition", () => {
    host.run();
    expect(host.attach("vdb", nbd())).toMatchObject({ status: 0 });
    expect(host.machine.ok("cd /run/virsh/app-1; grep -c stack-r0 live.xml persistent.xml")).toBe(
      "live.xml:1\npersistent.xml:1",
    );
  });

  test("goes on after an interruption between the running domain and its definition", () => {
    host.run();
    host.machine.ok("cp /run/virsh/app-1/persistent.xml /run/kept");
    host.attach("vdb", nbd());
    host.machine.ok("cp /run/kept /run/virsh/app-1/persistent.xml");
    expect(host.attach("vdb", nbd())).toMatchObject({ status: 0 });
    expect(host.machine.ok("cd /run/virsh/app-1; grep -c stack-r0 live.xml persistent.xml")).toBe(
      "live.xml:1\npersistent.xml:1",
    );
  });

  test("says that a SATA disk appears at the next start of a running domain", () => {
    host.run();
    const result = host.attach("sdb", iscsi);
    expect(result).toMatchObject({
      status: 0,
      stderr: expect.stringContaining(
        "its sata disk sdb cannot be plugged in now. It appears at the next start: shut app-1 down and start it",
      ),
    });
    expect(host.machine.ok("cd /run/virsh/app-1; grep -l stack-r1 *.xml")).toBe("persistent.xml");
  });

  test("names the cause when the export does not answer, and leaves the definition as it was", () => {
    host.run();
    host.machine.ok("touch /run/virsh/unreachable");
    expect(host.attach("vdb", nbd())).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("the export on 10.20.0.10:10809 must be up, and must admit this host"),
    });
    expect(host.state().disks).toEqual([]);
  });

  test.each([
    [
      "another disk on the target",
      () => host.attach("vdb", nbd("vdb", "r9", "stack-r9")),
      "has another disk on target vdb",
    ],
    [
      "the OS disk's target",
      () => host.attach("vda", nbd("vda", "r8", "stack-r8")),
      "has another disk on target vda: one that is no network disk",
    ],
    [
      "the same volume in another domain",
      () => host.attach("vdb", nbd(), "app-2"),
      "is already the disk vdb (virtio) of domain app-1",
    ],
    [
      "the same volume by the other protocol",
      () => host.attach("sdb", iscsi.replace("stack-r1", "stack-r0"), "app-2"),
      "is already the disk vdb (virtio) of domain app-1",
    ],
    ["XML for another target", () => host.attach("vdd", nbd()), "the XML on stdin is for target vdb, not vdd"],
    ["a domain that is not there", () => host.attach("vdb", nbd(), "app-3"), "this host has no domain app-3"],
    ["no XML", () => host.attach("vdb", ""), "stdin must hold the XML of one network disk"],
  ])("refuses %s", (_, attempt, words) => {
    host.attach("vdb", nbd());
    const before = host.machine.ok("cat /run/virsh/*/*.xml");
    expect(attempt()).toMatchObject({ status: 3, stderr: expect.stringContaining(words) });
    expect(host.machine.ok("cat /run/virsh/*/*.xml")).toBe(before);
  });
});

/** What changes about a disk that is attached: from this, to that, in libvirt's form or QEMU's arguments. */
const changes: [string, string, string, string, RegExp][] = [
  ["target", nbd("vdc"), "vdb", nbd("vdb"), /the running app-1 has r0 as vdc.*wants it as vdb/],
  ["target, QEMU's arguments", qemu("vdc"), "vdb", qemu("vdb"), /the running app-1 has r0 as vdc.*wants it as vdb/],
  ["target and form", qemu("vdc"), "vdb", nbd("vdb"), /the running app-1 has r0 as vdc.*wants it as vdb/],
  [
    "bus",
    nbd("vdb"),
    "sdb",
    nbd("sdb").replace("bus='virtio'", "bus='sata'"),
    /the running app-1 has r0 as vdb.*wants it as sdb/,
  ],
  [
    "protocol",
    nbd("vdb"),
    "vdb",
    nbd("vdb").replace("'nbd' name='r0'", "'iscsi' name='iqn.2026-11.net.example:r0/1'").replace("10809", "3260"),
    /the running app-1 has r0 by nbd from 10\.20\.0\.10:10809.*wants it by iscsi/,
  ],
  [
    "address",
    qemu("vdb"),
    "vdb",
    qemu("vdb").replace("10.20.0.10", "10.20.0.99"),
    /the running app-1 has r0 by nbd from 10\.20\.0\.10:10809.*from 10\.20\.0\.99:10809/,
  ],
];

describe("attach-disk.sh, when a volume's disk changes its", () => {
  test.each(changes)(
    "%s: refuses while the client runs, and takes nothing from it",
    (_, before, target, after, words) => {
      host.attach(/kvm-mirror-(\w+)|dev='(\w+)'/.exec(before)?.slice(1).find(Boolean) ?? "", before);
      host.run();
      const all = host.machine.ok("cat /run/virsh/app-1/*.xml");
      expect(host.attach(target, after)).toMatchObject({ status: 3, stderr: expect.stringMatching(words) });
      expect(host.machine.ok("cat /run/virsh/app-1/*.xml")).toBe(all);
      host.machine.ok("rm /run/virsh/app-1/live.xml");
      expect(host.attach(target, after)).toMatchObject({ status: 0 });
      expect(host.state().disks).toMatchObject([{ target }]);
      expect(host.attach(target, after)).toEqual({ status: 0, stdout: "", stderr: "" });
    },
  );

  test("volume: refuses whether the client runs or not, and says in which order it is done", () => {
    host.attach("vdb", nbd());
    for (const prepare of [() => undefined, host.run]) {
      prepare();
      expect(host.attach("vdb", nbd("vdb", "r1", "stack-r1"))).toMatchObject({
        status: 3,
        stderr: expect.stringContaining("has another disk on target vdb: r0 (serial stack-r0) by nbd"),
      });
      expect(host.state().disks).toEqual([{ target: "vdb", source: "r0", protocol: "nbd" }]);
    }
  });
});
