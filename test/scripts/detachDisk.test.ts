/** How a client's disks leave its KVM host. */
import { describe, expect, test } from "vitest";
import { iscsi, nbd, qemu } from "./diskSamples.ts";
import { domain, playedHost } from "./playedHost.ts";

const host = playedHost();

describe("detach-disk.sh", () => {
  const detach = (args: string) => host.script("detach-disk.sh", args);

  test("takes the disk from the running domain and its definition, once", () => {
    host.attach("vdb", nbd());
    host.run();
    expect(detach("app-1 vdb r0")).toMatchObject({ status: 0 });
    expect(host.machine.ok("cat /run/virsh/app-1/live.xml; cat /run/virsh/app-1/persistent.xml")).toBe(
      (domain("app-1") + domain("app-1")).trimEnd(),
    );
    expect(detach("app-1 vdb r0")).toMatchObject({ status: 0 });
    expect(detach("app-9 vdb r0")).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("there is no domain app-9 here"),
    });
  });

  test.each([
    [
      "another network disk",
      "app-1 vdb r1",
      {
        status: 0,
        stderr: expect.stringContaining("r1 is not attached to app-1. Its target vdb has another disk, which stays"),
      },
    ],
    [
      "the OS disk",
      "app-1 vda r1",
      { status: 0, stderr: expect.stringContaining("Its target vda has another disk, which stays") },
    ],
    [
      "a disk that somebody gave another target",
      "app-1 vdd r0",
      { status: 3, stderr: expect.stringContaining("r0 is the disk vdb of app-1, not vdd. Somebody has moved it") },
    ],
  ])("never detaches %s", (_, args, words) => {
    host.attach("vdb", nbd());
    const before = host.machine.ok("cat /run/virsh/*/*.xml");
    expect(detach(args)).toMatchObject(words);
    expect(host.machine.ok("cat /run/virsh/*/*.xml")).toBe(before);
  });

  test("refuses a disk that a running guest has mounted, and waits for no answer of a guest without an agent", () => {
    host.attach("vdb", nbd());
    host.run();
    host.machine.ok(
      "cat >/run/virsh/app-1/fsinfo",
      '{"return":[{"name":"vdb1","mountpoint":"/srv/orders",' +
        '"disk":[{"serial":"stack-r0","bus-type":"virtio","dev":"/dev/vdb1"}]}]}',
    );
    const before = host.machine.ok("cat /run/virsh/*/*.xml");
    expect(detach("app-1 vdb r0")).toMatchObject({
      status: 3,
      stderr: expect.stringContaining(
        "a file system on r0 is mounted in app-1. The disk stays attached. Unmount the file system",
      ),
    });
    expect(host.machine.ok("cat /run/virsh/*/*.xml")).toBe(before);
    host.machine.ok("rm /run/virsh/app-1/fsinfo");
    expect(detach("app-1 vdb r0")).toMatchObject({ status: 0 });
  });

  test("refuses to unplug a SATA disk from a running domain", () => {
    host.attach("sdb", iscsi);
    host.run();
    expect(detach("app-1 sdb iqn.2026-11.net.example:r1/1")).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("its sata disk sdb cannot be unplugged. Shut app-1 down first"),
    });
  });

  test("fails, with the definition as it was, when the guest does not release the disk", () => {
    host.attach("vdb", nbd());
    host.run();
    host.machine.ok("touch /run/virsh/app-1/stubborn");
    expect(detach("app-1 vdb r0 2")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("did not release vdb within 2 s"),
    });
    expect(host.state().disks).toHaveLength(1);
  });
});

test("detach-disk.sh fails when the guest does not release a disk of QEMU's arguments", () => {
  host.attach("vdb", qemu());
  host.run();
  host.machine.ok("touch /run/virsh/app-1/stubborn");
  expect(host.script("detach-disk.sh", "app-1 vdb r0 1")).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("did not release vdb within 1 s"),
  });
  expect(host.state().disks).toHaveLength(1);
});

describe("a libvirt that hangs", () => {
  test.each([
    ["detach-disk.sh", "app-1 vdb r0"],
    ["client-state.sh", "app-1"],
    ["exports-unused.sh", "nbd:10.20.0.10:10809/r0"],
    ["shutdown-client.sh", "app-1 60"],
  ])("is not waited for by %s", (script, args) => {
    host.machine.ok(
      "mkdir -p /tmp/hung && printf '#!/bin/sh\\nexec sleep 1000\\n' >/tmp/hung/virsh && chmod 755 /tmp/hung/virsh",
    );
    const { status, stdout, stderr } = host.machine.sh(
      `KVM_MIRROR_VIRSH_DEADLINE=1 PATH=/tmp/hung:$PATH bash ${host.scripts}/${script} ${args}`,
    );
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(/^\S+: libvirt did not answer within 1 s: virsh list --all/m);
    expect(host.machine.sh("pgrep -x sleep").status).toBe(1);
  });
});
