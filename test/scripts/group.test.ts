import { beforeAll, describe, expect, test } from "vitest";
import type { Machine } from "./machine.ts";
import { document, iqn, playedGroup } from "./playedGroup.ts";

const played = playedGroup();
const { both, start, configure, listeners, ready, hasVip, state } = played;
let machine: Machine;
beforeAll(() => {
  machine = played.machine;
  expect(configure(document("192.0.2.21"))).toMatchObject({ status: 0 });
});

describe("group-start.sh", () => {
  test.each([
    ["the peer is Primary", "Connected Secondary Primary UpToDate UpToDate", "volume r0 is Primary on the peer"],
    [
      "the own disk is not UpToDate",
      "Connected Secondary Secondary Outdated UpToDate",
      "volume r0 is not UpToDate here",
    ],
    [
      "the peer cannot be asked",
      "WFConnection Secondary Unknown UpToDate DUnknown",
      "cannot be asked whether it is Primary",
    ],
    [
      "it is Primary already, but without good data",
      "WFConnection Primary Unknown Diskless DUnknown",
      "volume r0 is Primary here, but without good data",
    ],
    [
      "the volume is being copied from the peer",
      "SyncTarget Secondary Secondary Inconsistent UpToDate",
      "volume r0 is not UpToDate here",
    ],
  ])(
    "refuses when %s",
    (_, seen, words) => {
      machine.ok(`drbdadm state r0 ${seen}`);
      machine.ok("cp /run/drbd/commands /run/before");
      // Only a missing connection is waited for, 30 s.
      expect(start()).toMatchObject({ status: 3, stderr: expect.stringContaining(words) });
      expect(machine.ok("diff /run/before /run/drbd/commands | grep -E 'primary|secondary' || true")).toBe("");
      expect([listeners(), hasVip()]).toEqual([ready, false]);
      both("Connected Secondary Secondary UpToDate UpToDate");
    },
    60_000,
  );

  test("refuses while the VIP answers elsewhere", () => {
    machine.ok("ip -n c2 addr add 192.0.2.10/24 dev eth0");
    expect(start()).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("the VIP 192.0.2.10 already answers in the storage network"),
    });
    machine.ok("ip -n c2 addr del 192.0.2.10/24 dev eth0");
  });

  test("refuses an export whose address list is missing", () => {
    machine.ok("mv /etc/nbd-server/kvm-mirror-main-r0.allow /tmp/kept");
    expect(start()).toMatchObject({ status: 3, stderr: expect.stringContaining("nbd-server would admit everybody") });
    machine.ok("mv /tmp/kept /etc/nbd-server/kvm-mirror-main-r0.allow");
    expect([listeners(), hasVip()]).toEqual([ready, false]);
  });

  test("demotes what it promoted when another volume does not follow", () => {
    machine.ok("touch /run/drbd/r1.stuck");
    expect(start()).toMatchObject({ status: 1, stderr: expect.stringContaining("volume r1 did not become Primary") });
    machine.ok("rm /run/drbd/r1.stuck");
    expect(state().volumes.map((volume: { role: string }) => volume.role)).toEqual(["Secondary", "Secondary"]);
  });

  test("serves on the VIP and on no other address of the mirror", () => {
    machine.ok("touch /var/lib/kvm-mirror/r0.new");
    expect(start()).toMatchObject({ status: 0 });
    expect(listeners()).toEqual(["127.0.0.1:3260", "192.0.2.10:10809", "192.0.2.10:3260"]);
    expect(machine.ok("ls /var/lib/kvm-mirror | grep r0")).toBe("r0.disk\nr0.exported\nr0.metadata");
    expect(state()).toMatchObject({
      volumes: [
        { name: "r0", role: "Primary" },
        { name: "r1", role: "Primary" },
      ],
      groups: [{ name: "main", vip: true, enabled: true, nbd: true, iscsi: true }],
      attached: [],
    });
  });

  test("changes nothing the second time", () => {
    expect(start()).toMatchObject({ status: 0 });
    expect(listeners()).toEqual(["127.0.0.1:3260", "192.0.2.10:10809", "192.0.2.10:3260"]);
  });

  test("announces write-through service", () => {
    expect(
      machine.ok("ip netns exec c1 python3 $GUEST_SCRIPTS/../../test/scripts/machine/nbd-flags.py 192.0.2.10 10809 r0"),
    ).toBe("flush fua");
    const cache = () =>
      machine.ok(
        "ip netns exec c1 python3 " +
          "$GUEST_SCRIPTS/../../test/scripts/machine/iscsi-cache.py " +
          `iqn.2026-11.net.example:app-1 192.0.2.10:3260 ${iqn} 1`,
      );
    expect(cache()).toBe("write cache off");
    // A run that was killed may have left the logical unit without its parameters.
    machine.ok(`tgtadm --lld iscsi --op delete --mode logicalunit --tid 1 --lun 1
      tgtadm --lld iscsi --op new --mode logicalunit --tid 1 --lun 1 --backing-store /dev/drbd1 --bstype rdwr`);
    expect(cache()).toBe("write cache on");
    expect(start()).toMatchObject({ status: 0 });
    expect(cache()).toBe("write cache off");
    // The question is not blind: with the cache switched on in tgtd, the initiator sees it.
    const page = (byte: string) =>
      machine.ok(
        "tgtadm --lld iscsi --op update --mode logicalunit --tid 1 --lun 1 --params " +
          `mode_page=8:0:18:${byte}:0:0xff:0xff:0:0:0xff:0xff:0xff:0xff:0x80:0x14:0:0:0:0:0:0`,
      );
    page("0x14");
    expect(cache()).toBe("write cache on");
    page("0x10");
    expect(cache()).toBe("write cache off");
  });

  test("has tgt-admin add a target whose file says what the scripts do not know", () => {
    const inquiry = () => machine.ok("ip netns exec c1 iscsi-inq iscsi://192.0.2.10:3260/" + `${iqn}/1 | grep Vendor`);
    expect(inquiry()).toContain("IET");
    machine.ok("sed -i 's/write-cache off/&\\n        vendor_id ACME/' /etc/tgt/kvm-mirror/main.conf");
    expect(played.stop()).toMatchObject({ status: 0 });
    expect(start()).toMatchObject({ status: 0 });
    expect(inquiry()).toContain("ACME");
    machine.ok("sed -i '/vendor_id ACME/d' /etc/tgt/kvm-mirror/main.conf");
  });
});
