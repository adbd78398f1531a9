/** bench-disks.sh: what it has attached goes away, whatever a killed run has left. */
import { describe, expect, test } from "vitest";
import { kept, playedPool } from "./playedPool.ts";

const { host, bench, xml, volumes, on, plug } = playedPool();

describe("plug", () => {
  test("gives a running domain one disk, and off takes it and its volume away", () => {
    const before = xml("persistent", "mirror-a");
    expect(plug()).toMatchObject({ status: 0, stderr: "" });
    expect(xml("live", "mirror-a")).toContain("<target dev='vdc' bus='virtio'/>\n  <serial>bench-direct-virtio");
    expect(volumes()).toBe(`kvm-mirror-bench.mirror-a.virtio\n${kept}`);
    expect(bench("off 1 mirror-a keep-running")).toMatchObject({ status: 0 });
    expect([xml("live", "mirror-a"), xml("persistent", "mirror-a")]).toEqual([before, before]);
    expect(volumes()).toBe(kept);
  });

  test("a guest that does not let go is not shut down with keep-running, and its volume stays", () => {
    plug();
    host.machine.ok("touch /run/virsh/mirror-a/stubborn");
    const live = xml("live", "mirror-a");
    expect(bench("off 1 mirror-a keep-running")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("mirror-a still has bench's disk vdc"),
    });
    expect(xml("live", "mirror-a")).toBe(live);
    expect(volumes()).toContain("kvm-mirror-bench.mirror-a.virtio");
  });
});

describe("off", () => {
  test("restarts a domain that has a SATA disk of bench's, without it; twice is as good as once", () => {
    const before = xml("live");
    on();
    expect(bench("off 5 app-1")).toMatchObject({ status: 0 });
    expect([xml("live"), volumes()]).toEqual([before, kept]);
    expect(bench("off 5 app-1")).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  test("starts a domain whose restart was broken off, whether it is off already or not yet", () => {
    const before = xml("live");
    for (const has of ["rm", "cat"]) {
      host.machine.ok(`touch /run/kvm-mirror-bench.app-1.restart && ${has} /run/virsh/app-1/live.xml`);
      expect(bench("off 5 app-1")).toMatchObject({ status: 0, stderr: expect.stringContaining("app-1 is started") });
      expect(xml("live")).toBe(before);
      expect(bench("off 5 app-1")).toEqual({ status: 0, stdout: "", stderr: "" });
    }
  });

  test("takes what a killed run left in a definition; a domain that is off stays off", () => {
    const before = xml("persistent");
    on();
    host.machine.ok("mv /run/virsh/app-1/live.xml /run/virsh/app-1/persistent.xml");
    expect(bench("off 5 app-1")).toMatchObject({ status: 0 });
    expect(xml("persistent")).toBe(before);
    expect(xml("live")).toBe("");
    expect(volumes()).toBe(kept);
  });
});
