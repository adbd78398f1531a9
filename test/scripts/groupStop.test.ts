import { beforeAll, describe, expect, test } from "vitest";
import type { Machine } from "./machine.ts";
import { document, playedGroup } from "./playedGroup.ts";

const played = playedGroup();
const { start, stop, configure, listeners, ready, hasVip, state, openNbd, iscsiDisk, openIscsi } = played;
let machine: Machine;
beforeAll(() => {
  machine = played.machine;
  expect(configure(document("192.0.2.22"))).toMatchObject({ status: 0 });
});

describe("group-stop.sh", () => {
  test("ends every client's connection before the VIP goes, and demotes", () => {
    expect(start()).toMatchObject({ status: 0 });
    machine.ok(`setsid ip netns exec c2 qemu-io -f raw nbd://192.0.2.10:10809/r0 -c 'sleep 600000' >/dev/null 2>&1 &
      setsid ip netns exec c2 qemu-io ${iscsiDisk("app-1")} -c 'sleep 600000' >/dev/null 2>&1 &
      for i in $(seq 100); do [ $(ip netns exec c2 ss -Htn state established dst 192.0.2.10 | wc -l) = 2 ] && exit
      sleep 0.1; done; exit 1`);
    expect(stop()).toEqual({ status: 0, stdout: "", stderr: "group-stop.sh: group main is stopped here\n" });
    expect([listeners(), hasVip()]).toEqual([ready, false]);
    expect(machine.ok("ip netns exec c2 ss -Htn state established dst 192.0.2.10")).toBe("");
    expect(state()).toMatchObject({
      volumes: [{ role: "Secondary" }, { role: "Secondary" }],
      groups: [{ name: "main", vip: false, enabled: false, nbd: true, iscsi: false }],
    });
  });

  test("a switch to here that is called off leaves nothing in tgtd", () => {
    played.both("Connected Secondary Primary UpToDate UpToDate");
    expect(machine.sh("bash $GUEST_SCRIPTS/placement/group-start.sh main --take-over </dev/null")).toMatchObject({
      status: 3,
      stdout: "waiting\nends connections\n",
      stderr: expect.stringContaining("the switch was called off"),
    });
    expect(machine.ok("tgtadm --lld iscsi --op show --mode target")).toBe("");
    played.both("Connected Secondary Secondary UpToDate UpToDate");
  });

  test("is safe to run on a mirror where the group does not run", () => {
    expect(stop()).toMatchObject({ status: 0 });
  });

  test("start and stop end the same after being killed at any moment", () => {
    const kill = (script: string, moment: number) =>
      machine.sh(`timeout --signal KILL 0.${moment} bash $GUEST_SCRIPTS/placement/${script} main 2>/dev/null`);
    for (const moment of [1, 2, 3, 5, 7, 9]) kill("group-start.sh", moment);
    expect(start()).toMatchObject({ status: 0 });
    expect(openNbd("c2")).toMatchObject({ status: 0 });
    expect(openIscsi("c2")).toMatchObject({ status: 0 });
    for (const moment of [1, 2, 3, 5]) kill("group-stop.sh", moment);
    expect(stop()).toMatchObject({ status: 0 });
    expect([listeners(), hasVip()]).toEqual([ready, false]);
    expect(state()).toMatchObject({
      volumes: [{ role: "Secondary" }, { role: "Secondary" }],
      groups: [{ vip: false, enabled: false }],
    });
  });
});
