/** What KVM hosts say of exports that a domain there may have open, and of clients that are to be started elsewhere. */
import { beforeEach, describe, expect, test } from "vitest";
import { iscsi, nbd, qemu } from "./diskSamples.ts";
import { playedHost } from "./playedHost.ts";

const host = playedHost();
const r0 = "nbd:10.20.0.10:10809/r0";
const r1 = "iscsi:10.20.0.10:3260/iqn.2026-11.net.example:r1";
const unused = (...exports: string[]) => host.script("exports-unused.sh", exports.join(" "));

describe("exports-unused.sh", () => {
  test.each([
    ["libvirt's form", nbd()],
    ["QEMU's arguments", qemu()],
  ])("finds a disk of a running domain, in %s, whatever its connection does, and not of one that is off", (_, disk) => {
    host.attach("vdb", disk);
    expect(unused(r0, r1)).toEqual({ status: 0, stdout: "", stderr: "" });
    host.run();
    expect(unused(r1, r0)).toMatchObject({
      status: 3,
      stderr: expect.stringContaining(`app-1 (running) has ${r0} open as vdb`),
    });
    expect(unused(r1, "nbd:10.20.0.10:10809/r", "nbd:10.20.0.11:10809/r0")).toMatchObject({ status: 0 });
  });

  test.each(["paused", "in shutdown", "pmsuspended", "idle"])("counts a domain that is %s as running", (state) => {
    host.attach("sdb", iscsi);
    host.run();
    host.machine.ok(`printf '%s\\n\\n' '${state}' >/run/virsh/app-1/state`);
    expect(unused(r1)).toMatchObject({
      status: 3,
      stderr: expect.stringContaining(`app-1 (${state}) has ${r1} open as sdb`),
    });
  });

  test("counts a domain that is saved to disk: it would wake with what it knew of the disk", () => {
    host.attach("vdb", nbd());
    host.machine.ok("touch /run/virsh/app-1/saved");
    expect(unused(r0)).toMatchObject({
      status: 3,
      stderr: expect.stringContaining(
        `app-1 is saved to disk with ${r0} as vdb (start it and shut it down; or virsh managedsave-remove app-1`,
      ),
    });
    expect(unused(r1)).toMatchObject({ status: 0 });
  });

  test("fails when libvirt does not answer", () => {
    host.machine.play("virsh", "echo 'error: failed to connect to the hypervisor' >&2; exit 1");
    const failed = host.machine.sh(
      `PATH=/usr/sbin:$PATH bash ${import.meta.dirname}/../../scripts/host/exports-unused.sh ${r0}`,
    );
    host.machine.ok("rm /usr/sbin/virsh");
    expect(failed).toMatchObject({ status: 1, stderr: expect.stringContaining("libvirt does not answer") });
  });
});

describe("client-elsewhere.sh", () => {
  const uuid = "5e9c2b1a-0000-4000-8000-000000000001";
  const elsewhere = (...args: string[]) =>
    host.machine.sh(
      `bash ${import.meta.dirname}/../../scripts/operator/client-elsewhere.sh app-1 ${uuid} kvm-mirror/lab kvm-b ` +
        `machine ${args.join(" ")}`,
    );
  beforeEach(() => void host.machine.ok(`echo ${uuid} >/run/virsh/app-1/uuid`));

  test("refuses a client that is on at a host that it leaves, and not one of the same name that is another", () => {
    expect(elsewhere("kvm-a", "qemu:///system")).toEqual({ status: 0, stdout: "", stderr: "" });
    host.run();
    expect(elsewhere("kvm-a", "qemu:///system")).toMatchObject({
      status: 3,
      stderr: expect.stringMatching(
        /refused: KVM host kvm-a: app-1 is running on .*\. It would be started a second time\. Put kvm-a back/,
      ),
    });
    host.machine.ok("echo 5e9c2b1a-0000-4000-8000-000000000002 >/run/virsh/app-1/uuid");
    expect(elsewhere("kvm-a", "qemu:///system")).toMatchObject({ status: 0 });
  });

  test("counts a host that cannot be asked as running it", () => {
    expect(elsewhere("kvm-a", "qemu+ssh://root@127.0.0.9:1/system")).toMatchObject({
      status: 3,
      stderr: expect.stringMatching(
        /KVM host kvm-a cannot be asked \(.*Connection refused.*\)\. What ran there may still run, and write/,
      ),
    });
  });

  test("a host that the client leaves loses its permit, though the domain goes only later", () => {
    const permit = () => host.machine.ok("grep ^start /var/lib/kvm-mirror/permits/app-1@* || true");
    host.machine.ok("rm -rf /var/lib/kvm-mirror/permits");
    expect(elsewhere("kvm-a", "qemu:///system")).toMatchObject({ status: 0 });
    expect(permit()).toBe("");
    host.script("permit-client.sh", `kvm-mirror/lab app-1 here kvm-a kvm-a machine ${uuid}`);
    expect(elsewhere("kvm-a", "qemu:///system")).toMatchObject({ status: 0 });
    expect(permit()).toBe("start elsewhere");
  });
});
