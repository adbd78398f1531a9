import { hostname } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { groupDocument } from "./groupDocument.ts";
import { Machine, resourceFile } from "./machine.ts";

/** A group's files as they are rendered: volumes by their minor numbers, exported by NBD to 192.0.2.21. */
function document(group: string, minors: readonly number[], vip = "192.0.2.10"): string {
  const exports = minors.map((minor) => ({
    volume: `r${minor}`,
    protocol: "nbd" as const,
    name: `r${minor}`,
    device: `/dev/drbd${minor}`,
    admitted: ["192.0.2.21"],
  }));
  return groupDocument({ group, vip, exports });
}

let machine: Machine;
const disks: string[] = [];
const configure = (group: string, minors: readonly number[], others: readonly string[] = [], vip?: string) =>
  machine.guest(
    "group-configure.sh",
    [group, `--others=${others.join(",") || "-"}`, "192.0.2.21"],
    document(group, minors, vip),
  );
const start = (group: string) => machine.guest("group-start.sh", [group]);
/** Groups that this mirror knows, and those that run. */
const groups = () =>
  machine.ok("cd /etc/kvm-mirror && ls *.env 2>/dev/null | tr '\\n' ' '; echo; ls /run/kvm-mirror/active");
const filesOf = (group: string) =>
  machine.ok(`find /etc/kvm-mirror /etc/nbd-server /var/lib/kvm-mirror/groups -name '*${group}*'`);
const primaries = () => machine.ok("grep -c ro:Primary /run/drbd/proc || true");
const openDisk = (name: string) =>
  machine.ok(`setsid ip netns exec c1 qemu-io -f raw nbd://192.0.2.10:10809/${name} -c 'sleep 90000' >/dev/null 2>&1 &
    for i in $(seq 100); do [ $(ss -Htn state established src 192.0.2.10 sport = :10809 | wc -l) = 1 ] && exit
    sleep 0.1; done; exit 1`);

beforeAll(async () => {
  machine = await Machine.start();
  machine.ok(`ip link add storage0 type bridge && ip link set storage0 up && ip addr add 192.0.2.11/24 dev storage0
    ip netns add c1 && ip link add v1 type veth peer name eth0 netns c1 && ip link set v1 master storage0 up
    ip -n c1 addr add 192.0.2.21/24 dev eth0 && ip -n c1 link set eth0 up`);
  for (const minor of [0, 1]) {
    disks.push(machine.volume(`r${minor}`, minor));
    machine.ok(`drbdadm state r${minor} Connected Secondary Secondary UpToDate UpToDate`);
  }
  expect(configure("main", [0])).toMatchObject({ status: 0 });
  expect(start("main")).toMatchObject({ status: 0 });
});
afterAll(() => machine?.stop());

describe("a group with another name", () => {
  test("does not serve beside the old one: refused while a client has the old one open, with the way out", () => {
    openDisk("r0");
    const refused = configure("prod", [0]);
    expect(refused).toMatchObject({
      status: 3,
      stderr: expect.stringContaining(
        "group main is no longer in the stack file, and a client has it open: r0 from 192.0.2.21",
      ),
    });
    expect(refused.stderr).toContain("If you renamed the group: put the old name back into the stack file");
    expect([groups(), filesOf("prod")]).toEqual(["main.env \nmain", ""]);
    machine.ok("kill $(pgrep -x qemu-io)");
  });

  test("takes over when the old one is free, which is then gone with all its files", () => {
    expect(configure("prod", [0])).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("group main is removed from this mirror. Its volumes keep their data: r0"),
    });
    // Who was admitted stays on record: an idle QEMU may have the volume open still (groupAdmission.test.ts).
    expect([groups(), filesOf("main"), primaries()]).toEqual([
      "prod.env",
      "/var/lib/kvm-mirror/groups/main.admitted",
      "0",
    ]);
    expect(start("prod")).toMatchObject({ status: 0 });
    expect(groups()).toBe("prod.env \nprod");
    expect(machine.guest("group-remove.sh", ["main"])).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  test("that serves already is not touched by what is left of the old one", () => {
    machine.ok("sed s/prod/main/g /etc/kvm-mirror/prod.env >/etc/kvm-mirror/main.env");
    expect(machine.guest("group-remove.sh", ["main"])).toMatchObject({ status: 0 });
    expect([groups(), primaries()]).toEqual(["prod.env \nprod", "1"]);
    expect(machine.ok("ip -4 -o addr show to 192.0.2.10/32")).toContain("192.0.2.10");
  });
});

describe("a volume that changes its group", () => {
  test("is nobody's after it has left, and Primary nowhere", () => {
    expect(configure("prod", [0, 1])).toMatchObject({ status: 0 });
    expect(start("prod")).toMatchObject({ status: 0 });
    expect(primaries()).toBe("2");
    expect(configure("prod", [0])).toMatchObject({ status: 0 });
    expect(machine.ok("cut -d' ' -f2 /run/drbd/r0.state /run/drbd/r1.state")).toBe("Primary\nSecondary");
  });

  test("is refused in the new one until the old one is configured without it, and then taken", () => {
    expect(configure("spare", [0, 1], ["prod"], "192.0.2.12")).toMatchObject({
      status: 3,
      stderr: expect.stringContaining(
        "refused: volume r0 belongs to group prod on this mirror; it must leave that group first",
      ),
    });
    expect(groups()).toBe("prod.env \nprod");
    expect(configure("spare", [1], ["prod"], "192.0.2.12")).toMatchObject({ status: 0 });
  });

  test("is never started by one group while another one serves it here", () => {
    machine.ok("cp /etc/kvm-mirror/spare.env /tmp/kept && sed -i 's/r1/r0/' /etc/kvm-mirror/spare.env");
    expect(start("spare")).toMatchObject({
      status: 3,
      stderr: expect.stringContaining(
        "volume r0 of group spare is served here by group prod. Two groups never serve one volume",
      ),
    });
    machine.ok("cp /tmp/kept /etc/kvm-mirror/spare.env");
  });
});

describe("volume-remove.sh", () => {
  const remove = (volume: string) => machine.guest("volume-remove.sh", [volume]);

  test("refuses a volume that is exported, and one that is Primary", () => {
    expect(remove("r1")).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("group spare exports volume r1 on this mirror"),
    });
    expect(machine.guest("group-remove.sh", ["spare"])).toMatchObject({ status: 0 });
    machine.ok("drbdadm state r1 Connected Primary Secondary UpToDate UpToDate");
    expect(remove("r1")).toMatchObject({ status: 3, stderr: expect.stringContaining("volume r1 is Primary here") });
    machine.ok("drbdadm state r1 Connected Secondary Secondary UpToDate UpToDate");
    expect(machine.ok("ls /etc/drbd.d/r1.res")).toBe("/etc/drbd.d/r1.res");
  });

  test("waits under a cluster until that has let go of it", () => {
    const shows = (resources: string) =>
      `<pacemaker-result><summary/><nodes/><resources>${resources}</resources></pacemaker-result>`;
    machine.play("crm_mon", `cat /run/shown; echo '${shows("")}' >/run/shown`);
    machine.ok(
      `touch /etc/kvm-mirror/cluster; echo '${shows('<resource id="drbd-r1" role="Slave"/>')}' ` +
        ">/run/shown; cp /etc/drbd.d/r1.res /tmp",
    );
    expect(remove("r1")).toMatchObject({ status: 0 });
    expect(machine.ok("cat /run/shown")).toBe(shows(""));
    machine.ok(
      "rm /etc/kvm-mirror/cluster; mv /tmp/r1.res /etc/drbd.d/ && drbdadm state " +
        "r1 Connected Secondary Secondary UpToDate UpToDate",
    );
  });

  test("takes it down and leaves its disk as it is, from which it comes back", () => {
    const before = machine.ok(`sha256sum <${disks[1]}`);
    expect(remove("r1")).toMatchObject({ status: 0, stderr: expect.stringContaining(`Its data stays on ${disks[1]}`) });
    expect(machine.ok("ls /etc/drbd.d /run/drbd/r1.state 2>/dev/null || true")).not.toContain("r1");
    expect(machine.ok(`sha256sum <${disks[1]}`)).toBe(before);
    expect(remove("r1")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(machine.guest("drbd-configure.sh", ["r1"], resourceFile(hostname(), "r1", 1, disks[1] ?? ""))).toMatchObject(
      { status: 0 },
    );
    expect(machine.guest("drbd-create-metadata.sh", ["r1"])).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("carries the metadata of r1. It stays as it is"),
    });
    // What was exported once is never preloaded.
    expect(machine.guest("volume-history.sh", ["r1"]).stdout).toContain("exported\n");
  });
});
