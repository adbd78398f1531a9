import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { groupDocument, mainGroup } from "./groupDocument.ts";
import { Machine } from "./machine.ts";

/** Exports of a group, by name: the minor number of the device behind it. */
interface Exports {
  readonly nbd: Readonly<Record<string, number>>;
  readonly iscsi: Readonly<Record<string, number>>;
}
const iqn = (name: string) => `iqn.2026-11.net.example:${name}`;
const minors = ({ nbd, iscsi }: Exports) => [...new Set([...Object.values(nbd), ...Object.values(iscsi)])].sort();

/** The group's files as they are rendered, every export open to 192.0.2.21. */
function document(exports: Exports): string {
  const rows = (["nbd", "iscsi"] as const).flatMap((protocol) =>
    Object.entries(exports[protocol]).map(([name, minor]) => ({
      volume: protocol === "nbd" ? name : `r${minor}`,
      protocol,
      name: protocol === "nbd" ? name : iqn(name),
      device: `/dev/drbd${minor}`,
      admitted: ["192.0.2.21"],
    })),
  );
  return groupDocument({
    ...mainGroup,
    exports: rows,
    volumes: minors(exports)
      .map((minor) => `r${minor}`)
      .join(" "),
  });
}

let machine: Machine;
/** The KVM host has said that nothing there has an export open which goes. */
const configure = (exports: Exports) => machine.guest("group-configure.sh", ["main", "192.0.2.21"], document(exports));
const start = () => machine.guest("group-start.sh", ["main"]);
/** Targets in tgtd with the devices that they have open. */
const targets = () =>
  machine.ok(
    "tgtadm --lld iscsi --op show --mode target | awk '/^Target /{ t = $3 } " +
      "/Backing store path: \\/dev/{ print t, $4 }' | sort",
  );
const portals = () => machine.ok("tgtadm --lld iscsi --op show --mode portal | awk '{ print $2 }'");
const installed = () => machine.ok("cat $(find /etc/kvm-mirror /etc/nbd-server /etc/tgt -type f | sort)");
const iscsiDisk = (name: string) =>
  `'json:{"driver":"raw","file":{"driver":"iscsi","transport":"tcp","portal":"192.0.2.10:3260",` +
  `"target":"${iqn(name)}","lun":1,"initiator-name":"iqn.2026-11.net.example:app-1"}}'`;
const openIscsi = (name: string) => machine.sh(`ip netns exec c1 timeout 60 qemu-io ${iscsiDisk(name)} -c 'read 0 4k'`);

const nbdDisk = (name: string) => `nbd://192.0.2.10:10809/${name}`;
const openNbd = (name: string) =>
  machine.sh(`ip netns exec c1 timeout 60 qemu-io -f raw ${nbdDisk(name)} -c 'read 0 4k'`);

const first: Exports = { nbd: { r0: 0 }, iscsi: { r1: 1 } };

beforeAll(async () => {
  machine = await Machine.start();
  machine.ok(`ip link add storage0 type bridge && ip link set storage0 up && ip addr add 192.0.2.11/24 dev storage0
    ip netns add c1 && ip link add v1 type veth peer name eth0 netns c1 && ip link set v1 master storage0 up
    ip -n c1 addr add 192.0.2.21/24 dev eth0 && ip -n c1 link set eth0 up`);
  for (const minor of [0, 1, 2]) {
    machine.volume(`r${minor}`, minor);
    machine.ok(`drbdadm state r${minor} Connected Secondary Secondary UpToDate UpToDate`);
  }
  expect(configure(first)).toMatchObject({ status: 0 });
  expect(start()).toMatchObject({ status: 0 });
});
afterAll(() => machine?.stop());

describe("group-configure.sh on a running group", () => {
  test.each([
    ["an NBD export", { nbd: { r0: 2 }, iscsi: { r1: 1 } }, "r0 from /dev/drbd0 to /dev/drbd2"],
    ["a target", { nbd: { r0: 0 }, iscsi: { r1: 2 } }, `${iqn("r1")} from /dev/drbd1 to /dev/drbd2`],
  ])("refuses another device behind %s", (_, exports, words) => {
    const before = installed();
    expect(configure(exports)).toEqual({
      status: 3,
      stdout: "",
      stderr:
        `group-configure.sh: refused: group main runs here, and a name would mean another device: ${words}. The ` +
        "servers would go on with the old device. Stop the group first: group-stop.sh main\n",
    });
    expect(installed()).toBe(before);
  });

  test("a new NBD export can be opened at once, and so can those that were there before", () => {
    machine.ok("drbdadm state r2 Connected Primary Secondary UpToDate UpToDate");
    expect(configure({ nbd: { r0: 0, r2: 2 }, iscsi: { r1: 1 } })).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("was restarted, with its new exports"),
    });
    for (const name of ["r0", "r2"]) expect(openNbd(name)).toMatchObject({ status: 0 });
  });

  test("an NBD export that is gone from the document is refused while it is open, and removed when it is not", () => {
    machine.ok(`setsid ip netns exec c1 qemu-io -f raw ${nbdDisk("r2")} -c 'sleep 60000' >/dev/null 2>&1 &
      for i in $(seq 100); do [ $(ss -Htn state established src 192.0.2.10 sport = :10809 | wc -l) = 1 ] && exit
      sleep 0.1; done; exit 1`);
    const before = installed();
    expect(configure(first)).toMatchObject({
      status: 3,
      stderr: expect.stringContaining(
        "open now, and no longer exported: r2 from 192.0.2.21. Stop that client, or detach its disk, first",
      ),
    });
    expect(installed()).toBe(before);
    machine.ok("kill $(pgrep -x qemu-io)");
    expect(configure(first)).toMatchObject({ status: 0 });
    expect(openNbd("r2").status).not.toBe(0);
    expect(openNbd("r0")).toMatchObject({ status: 0 });
    machine.ok("drbdadm state r2 Connected Secondary Secondary UpToDate UpToDate");
  });

  test("a volume that is not Primary yet is left to group-start.sh", () => {
    const { status, stderr } = configure({ nbd: { r0: 0 }, iscsi: { r1: 1, r2: 2 } });
    expect({ status, stderr }).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("/dev/drbd2 is not Primary here"),
    });
    expect(targets()).toBe(`${iqn("r1")} /dev/drbd1`);
    expect(start()).toMatchObject({ status: 0 });
    expect(targets()).toBe(`${iqn("r1")} /dev/drbd1\n${iqn("r2")} /dev/drbd2`);
  });

  test("a target without its device is made again", () => {
    machine.ok(`tid=$(tgtadm --lld iscsi --op show --mode target |
        awk '$3 == "${iqn("r2")}" { sub(/:/, "", $2); print $2 }')
      tgtadm --lld iscsi --op delete --mode logicalunit --tid $tid --lun 1`);
    expect(targets()).toBe(`${iqn("r1")} /dev/drbd1`);
    expect(start()).toMatchObject({
      status: 0,
      stderr: expect.stringContaining(`target ${iqn("r2")} is in tgtd without /dev/drbd2; adding it`),
    });
    expect(targets()).toBe(`${iqn("r1")} /dev/drbd1\n${iqn("r2")} /dev/drbd2`);
    expect(openIscsi("r2")).toMatchObject({ status: 0 });
  });

  test("a target that is gone from the document is refused while it is open, and removed when it is not", () => {
    machine.ok(`setsid ip netns exec c1 qemu-io ${iscsiDisk("r2")} -c 'sleep 60000' >/dev/null 2>&1 &
      for i in $(seq 100); do [ $(ss -Htn state established src 192.0.2.10 | wc -l) = 1 ] && exit
      sleep 0.1; done; exit 1`);
    const before = installed();
    expect(configure(first)).toEqual({
      status: 3,
      stdout: "",
      stderr:
        `group-configure.sh: refused: open now, and no longer exported: ${iqn("r2")} from ` +
        "192.0.2.21. Stop that client, or detach its disk, first\n",
    });
    expect([installed(), targets()]).toEqual([before, `${iqn("r1")} /dev/drbd1\n${iqn("r2")} /dev/drbd2`]);
    machine.ok("kill $(pgrep -x qemu-io)");
    expect(configure(first)).toMatchObject({ status: 0 });
    expect(targets()).toBe(`${iqn("r1")} /dev/drbd1`);
  });

  test("the last target goes with its portal", () => {
    expect(configure({ nbd: { r0: 0, r1: 1 }, iscsi: {} })).toMatchObject({ status: 0 });
    expect([targets(), portals()]).toEqual(["", "127.0.0.1:3260,1"]);
  });

  test("the last NBD export goes with its server, which no longer starts at boot, and comes back with it", () => {
    const server = () =>
      machine.ok(
        "ss -Hltn sport = :10809 | awk '{ print $4 }'; " +
          "ls /etc/systemd/system/multi-user.target.wants | grep nbd || true",
      );
    expect(server()).toBe("192.0.2.10:10809\nkvm-mirror-nbd@main.service");
    expect(configure({ nbd: {}, iscsi: { r0: 0, r1: 1 } })).toMatchObject({ status: 0 });
    expect(server()).toBe("");
    expect(configure({ nbd: { r0: 0, r1: 1 }, iscsi: {} })).toMatchObject({ status: 0 });
    expect(server()).toBe("192.0.2.10:10809\nkvm-mirror-nbd@main.service");
  });

  test("group-stop.sh withdraws a target that only tgtd still knows", () => {
    machine.ok(
      `tgtadm --lld iscsi --op new --mode target --tid 9 -T ${iqn("old")} && tgtadm --lld ` +
        "iscsi --op new --mode logicalunit --tid 9 --lun 1 -b /dev/drbd1",
    );
    expect(targets()).toBe(`${iqn("old")} /dev/drbd1`);
    expect(machine.guest("group-stop.sh", ["main"])).toMatchObject({ status: 0 });
    expect(targets()).toBe("");
  });
});
