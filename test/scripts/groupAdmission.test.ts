import { beforeAll, describe, expect, test } from "vitest";
import { groupDocument, mainGroup } from "./groupDocument.ts";
import { guestScript, type Machine } from "./machine.ts";
import { byIscsi, byNbd, document, group, iqn, playedGroup } from "./playedGroup.ts";

const played = playedGroup();
const { start, configure, check, state, openNbd, openIscsi, keepOpen } = played;
let machine: Machine;
beforeAll(() => {
  machine = played.machine;
  expect(configure(document("192.0.2.21"))).toMatchObject({ status: 0 });
  expect(start()).toMatchObject({ status: 0 });
});

describe("a group that is served", () => {
  test("admits the named address and nobody else, whatever initiator name it gives", () => {
    expect(openNbd("c1")).toMatchObject({ status: 0 });
    expect(openIscsi("c1")).toMatchObject({ status: 0 });
    expect(openNbd("c2")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("Access denied by server configuration"),
    });
    expect(openIscsi("c2")).toMatchObject({ status: 1, stderr: expect.stringContaining("Target not found") });
    expect(openIscsi("c2", "another")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("Target not found"),
    });
  });

  test("shows who is attached", () => {
    keepOpen("c1");
    expect(state().attached).toEqual([
      { volume: "r0", protocol: "nbd", address: "192.0.2.21" },
      { volume: "r1", protocol: "iscsi", address: "192.0.2.21", initiator: "iqn.2026-11.net.example:app-1" },
    ]);
  });

  test("a volume that one host has open is not given to another one", () => {
    const admitted = () =>
      machine.ok(
        `cat /etc/nbd-server/*.allow; tgtadm --lld iscsi --op show --mode target | grep -A 3 'ACL information'`,
      );
    const before = admitted();
    // It waits for the session's end as long as the installation does, and closes the door to nobody meanwhile.
    expect(
      machine.sh(
        "timeout 3 bash $GUEST_SCRIPTS/exports/group-configure.sh main --check 192.0.2.21",
        document("192.0.2.22"),
      ),
    ).toMatchObject({ status: 124, stdout: "" });
    expect(admitted()).toBe(before);
    const { status, stderr } = configure(document("192.0.2.22"), "192.0.2.21");
    expect({ status, stderr }).toEqual({
      status: 3,
      stderr:
        "group-configure.sh: refused: open now, and given to another host by the new configuration: /dev/drbd0 " +
        "192.0.2.21, /dev/drbd1 192.0.2.21 (device, address). Two hosts would write. Stop that " +
        "client, or detach its disk, in an `up` of its own first\n",
    });
    expect(openNbd("c2")).toMatchObject({ status: 1 });
    expect(openIscsi("c2")).toMatchObject({ status: 1 });
    expect(state().attached).toHaveLength(2);
  });

  test("nor while tgtd does not say who has it open", () => {
    machine.ok(`mv /usr/sbin/tgtadm /usr/sbin/tgtadm.away
      printf '#!/bin/sh\n[ "$4" = sys ] && exec tgtadm.away "$@"\nexit 107\n' >/usr/sbin/tgtadm
      chmod +x /usr/sbin/tgtadm`);
    const unasked = configure(document("192.0.2.22"), "192.0.2.21");
    machine.ok("mv /usr/sbin/tgtadm.away /usr/sbin/tgtadm");
    expect(unasked).toMatchObject({ status: 1, stderr: expect.stringContaining("tgtd did not change whom it admits") });
    expect(openNbd("c2")).toMatchObject({ status: 1 });
    expect(machine.ok("cat /etc/nbd-server/kvm-mirror-main-r0.allow")).toBe("192.0.2.21");
  });

  test("a run that is killed while it holds admissions back leaves a record of them", () => {
    machine.ok("rm /var/lib/kvm-mirror/groups/main.admitted; cat >/run/next", document("192.0.2.22"));
    machine.ok(`setsid bash ${guestScript("group-configure.sh")} main 192.0.2.21 </run/next >/dev/null 2>&1 & run=$!
      for i in $(seq 300); do grep -q 'until it is known' /etc/nbd-server/kvm-mirror-main-r0.allow && break
      sleep 0.1; done; kill -KILL -- -$run`);
    expect(machine.ok("cat /etc/nbd-server/kvm-mirror-main-r0.allow")).toBe(
      "# nobody, until it is known who has the volume open",
    );
    expect(configure(document("192.0.2.22"), "--losing").stdout).toContain("192.0.2.21 nbd:192.0.2.10:10809/r0\n");
    expect(configure(document("192.0.2.21"))).toMatchObject({ status: 0 });
  });

  test("nor while somebody is still connecting", () => {
    machine.ok("pkill -f 'sleep 60000'");
    machine.ok(`setsid ip netns exec c1 bash -c 'exec 3<>/dev/tcp/192.0.2.10/10809; exec sleep 60000' >/dev/null 2>&1 &
      for i in $(seq 100); do ip netns exec c1 ss -Htn state established dst 192.0.2.10 | grep -q . && exit
      sleep 0.1; done; exit 1`);
    expect(configure(document("192.0.2.22"), "192.0.2.21")).toMatchObject({
      status: 3,
      stderr: expect.stringContaining(
        "open now, and given to another host by the new configuration: a device not known yet 192.0.2.21 ",
      ),
    });
    expect(openIscsi("c2")).toMatchObject({ status: 1 });
    expect(openIscsi("c1")).toMatchObject({ status: 0 });
  });

  test("nor while nobody has asked the host that had it: an idle QEMU has no session after a switch", () => {
    machine.ok(
      "pkill -f 'sleep 6000[0]'; for i in $(seq 100); do [ -z \"$(ss -Htn state " +
        'established src 192.0.2.10)" ] && exit; sleep 0.1; done; exit 1',
    );
    const before = machine.ok("cat /etc/nbd-server/kvm-mirror-main-r0.allow /etc/tgt/kvm-mirror/main.conf");
    for (const asked of [[], ["192.0.2.22"]]) {
      expect(configure(document("192.0.2.22"), ...asked)).toMatchObject({
        status: 3,
        stderr: expect.stringContaining(
          `these exports would be closed: nbd:192.0.2.10:10809/r0 to 192.0.2.21, iscsi:192.0.2.10:3260/${iqn} ` +
            "to 192.0.2.21. QEMU there may have one open without a connection, and write later",
        ),
      });
    }
    expect(machine.ok("cat /etc/nbd-server/kvm-mirror-main-r0.allow /etc/tgt/kvm-mirror/main.conf")).toBe(before);
    expect(openNbd("c1")).toMatchObject({ status: 0 });
  });

  test("nor when its admission was taken away first, by a document that admits nobody", () => {
    expect(configure(groupDocument(group([], [])))).toMatchObject({
      status: 0,
    });
    expect(openNbd("c1")).toMatchObject({ status: 1 });
    expect(configure(document("192.0.2.22"))).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("nbd:192.0.2.10:10809/r0 to 192.0.2.21"),
    });
    expect(configure(document("192.0.2.21"))).toMatchObject({ status: 0 });
  });

  test("nor by another group, which has got the volume", () => {
    const other = document("192.0.2.22").replaceAll("main", "other").replaceAll("192.0.2.10", "192.0.2.12");
    expect(machine.guest("group-configure.sh", ["other", "--losing"], other)).toEqual({
      status: 0,
      stdout: `192.0.2.21 nbd:192.0.2.10:10809/r0\n192.0.2.21 iscsi:192.0.2.10:3260/${iqn}\n`,
      stderr: "",
    });
    expect(machine.guest("group-configure.sh", ["other"], other)).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("nbd:192.0.2.10:10809/r0 to 192.0.2.21"),
    });
  });

  test("says whom to ask, and changes nothing", () => {
    const before = machine.ok("cat $(find /etc/nbd-server /etc/tgt /var/lib/kvm-mirror -type f)");
    expect(configure(document("192.0.2.22"), "--losing")).toEqual({
      status: 0,
      stdout: `192.0.2.21 nbd:192.0.2.10:10809/r0\n192.0.2.21 iscsi:192.0.2.10:3260/${iqn}\n`,
      stderr: "",
    });
    expect(configure(document("192.0.2.21"), "--losing")).toEqual({ status: 0, stdout: "", stderr: "" });
    const renamed = { ...byNbd, name: "other", admitted: ["192.0.2.21"] };
    const target = { ...byIscsi, admitted: ["192.0.2.21"] };
    expect(configure(groupDocument({ ...mainGroup, exports: [renamed, target] }), "--losing")).toEqual({
      status: 0,
      stdout: "192.0.2.21 nbd:192.0.2.10:10809/r0\n",
      stderr: "",
    });
    expect(machine.ok("cat $(find /etc/nbd-server /etc/tgt /var/lib/kvm-mirror -type f)")).toBe(before);
  });

  test("once it is closed, and its host was asked, the new admission holds at once", () => {
    expect(configure(document("192.0.2.22"), "192.0.2.21")).toMatchObject({ status: 0 });
    expect(openNbd("c1")).toMatchObject({ status: 1 });
    expect(openIscsi("c1")).toMatchObject({ status: 1 });
    expect(openNbd("c2")).toMatchObject({ status: 0 });
    expect(openIscsi("c2")).toMatchObject({ status: 0 });
    keepOpen("c2");
  });

  test("what it has open stays, when nothing else changes or its admission is taken away", () => {
    expect(check(document("192.0.2.22"))).toEqual({ status: 0, stdout: "serving\n", stderr: "" });
    expect(configure(document("192.0.2.22"))).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(machine.ok("cat /var/lib/kvm-mirror/groups/main.admitted")).toBe(
      `/dev/drbd0 192.0.2.22 nbd:192.0.2.10:10809/r0\n/dev/drbd1 192.0.2.22 iscsi:192.0.2.10:3260/${iqn}`,
    );
    expect(configure(groupDocument(group([], ["192.0.2.22"])))).toMatchObject({
      status: 0,
    });
    expect(state().attached).toHaveLength(2);
    expect(configure(document("192.0.2.22"))).toMatchObject({ status: 0 });
  });

  test("a changed VIP is refused while the group runs", () => {
    expect(configure(document("192.0.2.22").replaceAll("192.0.2.10", "192.0.2.19"), "192.0.2.22")).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("its address would change"),
    });
  });

  test("targets come back when tgtd was restarted", () => {
    machine.ok("systemctl stop tgt.service && systemctl start tgt.service");
    expect(openIscsi("c2")).toMatchObject({ status: 0 });
  });
});
