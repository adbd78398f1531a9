/** What `kvm-mirror bench --alternatives` asks of a mirror, as far as it goes without ZFS and Gluster. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { alternativesCommand } from "../../bench/alternatives/commands.ts";
import { Machine } from "./machine.ts";

let machine: Machine;
beforeAll(async () => {
  machine = await Machine.start();
});
afterAll(() => machine?.stop());

const ask = (...words: readonly string[]) => machine.sh(alternativesCommand(...words));

describe("alternatives.sh", () => {
  test("says what the mirror lacks, and says it as a success: the command decides", () => {
    machine.play("gluster", "true");
    const { status, stdout } = ask("lacks");
    expect(status).toBe(0);
    expect(stdout.split("\n")).toEqual(expect.arrayContaining(["zpool", "glusterd", "the kernel module zfs"]));
    expect(stdout.split("\n")).not.toContain("gluster");
  });

  test("takes nothing away where nothing was made, as often as it is asked", () => {
    for (const word of ["down", "off", "down"]) expect(ask(word)).toMatchObject({ status: 0, stdout: "", stderr: "" });
  });

  test("divides no disk but the one with bench's serial", () => {
    machine.play("lsblk", "printf 'vdb scratch\\nvdc orders\\n'");
    machine.play("dmsetup", "echo called >>/run/dmsetup-called");
    expect(ask("disk", "bench-direct-virtio", "805306368", "192.0.2.2")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("bench: there is no disk with serial bench-direct-virtio"),
    });
    expect(machine.sh("test -e /run/dmsetup-called").status).toBe(1);
  });

  test("writes resources that drbdadm reads", () => {
    const part = "/dev/mapper/kvm-mirror-bench-3";
    const text = ask("resource", "zfs-on-drbd", "61", part, "127.0.0.1", "192.0.2.2").stdout;
    const read = machine.sh(
      "cat >/run/bench.conf; ip link set lo up; /usr/sbin/drbdadm --config-file /run/bench.conf dump zfs-on-drbd",
      text,
    );
    expect(read).toMatchObject({ status: 0, stdout: expect.stringMatching(/protocol +C;[^]*ko-count +4;/) });
  });
});
