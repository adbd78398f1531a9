import { beforeAll, describe, expect, test } from "vitest";
import type { Machine } from "./machine.ts";
import { document, playedGroup } from "./playedGroup.ts";

const played = playedGroup();
const { both, start, stop, configure, listeners, ready, hasVip, state, openNbd } = played;
let machine: Machine;
beforeAll(() => {
  machine = played.machine;
  expect(configure(document("192.0.2.22"))).toMatchObject({ status: 0 });
});

describe("with a disk that takes nothing more", () => {
  const places = ["/tmp", "/var/tmp", "/var/lib/kvm-mirror"];
  /** Not even the name of another file goes in. */
  const fill = () =>
    machine.ok(places.map((place) => `mount -t tmpfs -o size=4k,nr_inodes=1 none ${place}`).join(" && "));
  const empty = () => machine.ok(`umount ${places.join(" ")}`);
  const roles = () => state().volumes.map((volume: { role: string }) => volume.role);

  test("a group is promoted and served, and the mirror says how full it is", () => {
    expect(configure(document("192.0.2.22"))).toMatchObject({ status: 0 });
    both("WFConnection Secondary Unknown UpToDate DUnknown");
    fill();
    try {
      expect(machine.sh("touch /tmp/x /var/lib/kvm-mirror/x").status).toBe(1);
      expect(machine.guest("group-start.sh", ["main", "--peer-fenced", "the-peer"])).toMatchObject({
        status: 0,
        stderr: expect.stringContaining("takes no record that volume r0 is exported"),
      });
      expect(listeners()).toEqual(["127.0.0.1:3260", "192.0.2.10:10809", "192.0.2.10:3260"]);
      expect(state()).toMatchObject({ groups: [{ vip: true, nbd: true, iscsi: true }] });
      expect(state().space).toContainEqual({ path: "/tmp", usedPercent: 100 });
      expect(openNbd("c2")).toMatchObject({ status: 0 });
      expect(stop()).toMatchObject({ status: 0 });
    } finally {
      empty();
    }
  });

  test("where no record can keep a preload away, nothing is served, and no volume stays Primary", () => {
    both("Connected Secondary Secondary UpToDate UpToDate");
    machine.ok(
      "mount -t tmpfs none /var/lib/kvm-mirror && touch " +
        "/var/lib/kvm-mirror/r1.new && mount -o remount,ro /var/lib/kvm-mirror",
    );
    try {
      expect(start()).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(
          /a later preload would write over the volume.*main does not serve here\. The volumes .* are demoted again/s,
        ),
      });
    } finally {
      machine.ok("umount /var/lib/kvm-mirror");
    }
    expect(roles()).toEqual(["Secondary", "Secondary"]);
    expect([listeners(), hasVip()]).toEqual([ready, false]);
    expect(machine.guest("group-where.sh", ["main"]).stdout).toBe("idle\n");
  });
});
