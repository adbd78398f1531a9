import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { groupDocument } from "./groupDocument.ts";
import { Machine } from "./machine.ts";

/** Two groups with a target each, at addresses of their own, served by one tgtd. */
const groups = [
  { group: "main", vip: "192.0.2.10", volume: "r1", minor: 1 },
  { group: "spare", vip: "192.0.2.12", volume: "r2", minor: 2 },
] as const;
const iqn = (volume: string) => `iqn.2026-11.net.example:${volume}`;

let machine: Machine;
/** Targets in tgtd with the devices that they have open. */
const targets = () =>
  machine.ok(
    "tgtadm --lld iscsi --op show --mode target | awk '/^Target /{ t = $3 } " +
      "/Backing store path: \\/dev/{ print t, $4 }' | sort",
  );
const both = `${iqn("r1")} /dev/drbd1\n${iqn("r2")} /dev/drbd2`;

beforeAll(async () => {
  machine = await Machine.start();
  machine.ok("ip link add storage0 type bridge && ip link set storage0 up && ip addr add 192.0.2.11/24 dev storage0");
  for (const { group, vip, volume, minor } of groups) {
    machine.volume(volume, minor);
    machine.ok(`drbdadm state ${volume} Connected Secondary Secondary UpToDate UpToDate`);
    const device = `/dev/drbd${minor}`;
    const document = groupDocument({
      group,
      vip,
      exports: [{ volume, protocol: "iscsi", name: iqn(volume), device, admitted: ["192.0.2.21"] }],
    });
    expect(machine.guest("group-configure.sh", [group], document)).toMatchObject({ status: 0 });
  }
});
afterAll(() => machine?.stop());

describe("two groups on one mirror", () => {
  test("serving one leaves the other's targets alone, also while nobody has them open", () => {
    for (const { group } of groups) expect(machine.guest("group-start.sh", [group])).toMatchObject({ status: 0 });
    expect(targets()).toBe(both);
    for (const { group } of groups) expect(machine.guest("iscsi-serve.sh", [group])).toMatchObject({ status: 0 });
    expect(targets()).toBe(both);
  });

  test("both come back when tgtd was restarted", () => {
    machine.ok("systemctl stop tgt.service && systemctl start tgt.service");
    expect(targets()).toBe(both);
  });

  test("and on a mirror whose scripts are newer than its files: no table of exports yet (old-exports.sh)", () => {
    machine.ok("rm /etc/kvm-mirror/*.exports && systemctl stop tgt.service && systemctl start tgt.service");
    expect(targets()).toBe(both);
    expect(machine.guest("group-stop.sh", ["main"])).toMatchObject({ status: 0 });
    expect(targets()).toBe(`${iqn("r2")} /dev/drbd2`);
  });
});
