/** bench-hold.sh: disks are held to a speed for a while, and nobody else's limits are touched. */
import { beforeEach, expect, test } from "vitest";
import { domain, playedHost } from "./playedHost.ts";

const host = playedHost();
const hold = (args: string) => host.script("bench-hold.sh", args);
const limits = (target: string) => host.machine.ok(`virsh blkdeviotune app-1 ${target}`).split("\n").slice(0, 2);
const free = ["total_bytes_sec: 0", "total_iops_sec : 0"];
const held = ["total_bytes_sec: 33900000", "total_iops_sec : 4000"];

const disk = (target: string, serial: string) =>
  `    <disk type='file'>\n      <target dev='${target}' bus='virtio'/>\n` +
  `      <serial>${serial}</serial>\n    </disk>\n`;

beforeEach(() => {
  host.machine.ok(
    "rm -f /run/kvm-mirror-bench.*; cat >/run/virsh/app-1/persistent.xml",
    domain("app-1").replace("  </devices>", `${disk("vdb", "r0")}${disk("vdc", "r1")}  </devices>`),
  );
  host.run();
});

test("holds the disks that are named until it lets go of them; twice is as good as once", () => {
  for (const _ of [1, 2]) {
    expect(hold("hold app-1 33900000 4000 r1")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect([limits("vdb"), limits("vdc")]).toEqual([free, held]);
  }
  for (const _ of [1, 2]) {
    expect(hold("let-go app-1")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect([limits("vdb"), limits("vdc")]).toEqual([free, free]);
  }
});

test("leaves what somebody else holds as it is, and changes nothing else then", () => {
  host.machine.ok("virsh blkdeviotune app-1 vdc --total-bytes-sec 9 --total-iops-sec 9");
  expect(hold("hold app-1 33900000 4000 r0 r1")).toMatchObject({
    status: 3,
    stderr: expect.stringContaining("somebody holds disk vdc of app-1 to a speed already"),
  });
  hold("let-go app-1");
  expect([limits("vdb"), limits("vdc")]).toEqual([free, ["total_bytes_sec: 9", "total_iops_sec : 9"]]);
});

test("refuses a disk that is not there; a domain that has ended since has no limits any more", () => {
  expect(hold("hold app-1 1 1 r0 r9")).toMatchObject({
    status: 3,
    stderr: expect.stringContaining("no disk with serial r9"),
  });
  expect(limits("vdb")).toEqual(free);
  hold("hold app-1 33900000 4000 r0");
  host.machine.ok("rm /run/virsh/app-1/live.xml");
  expect(hold("let-go app-1")).toMatchObject({ status: 0 });
  expect(host.machine.ok("ls /run/kvm-mirror-bench.* 2>/dev/null || echo none")).toBe("none");
  expect(hold("hold app-1 0 1 r0").status).toBe(2);
});
