import { expect, it } from "vitest";
import { hangConcerns } from "../../../../src/operate/tell/hangConcerns.ts";
import type { MirrorState } from "../../../../src/operate/observe/states.ts";
import { concerns, observation, primaryState, secondaryState } from "./statusSample.ts";

it("says that a mirror can be told nothing, and where to look", () => {
  const second: MirrorState = { ...secondaryState({}), drbdHangs: true };
  expect(concerns(observation({ state: primaryState({}) }, { state: second }))).toMatchInlineSnapshot(`
    "Needs attention
      ! mirror-b: DRBD's tools get no answer there: one of its disks hangs. Until it answers, no volume is promoted or demoted on mirror-b, whatever disk it lies on, and a failover to it waits. Look at the storage of its KVM host; which disk it is: grep . /sys/block/vd*/inflight (docs/runbooks/slow-writes.md)
    "
  `);
});

it("says nothing of a mirror that answers, or whose scripts do not ask", () => {
  for (const drbdHangs of [false, undefined])
    expect(hangConcerns({ ...primaryState({}), ...(drbdHangs === undefined ? {} : { drbdHangs }) })).toEqual([]);
});
