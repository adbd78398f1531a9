import { beforeAll, describe, expect, it, test } from "vitest";
import { allFixes, type Fixes, fixesWithout } from "../../../simulator/fixes.ts";
import { run } from "../../../simulator/run.ts";
import { managedOf, scheduleOf } from "../../../simulator/schedule.ts";
import { named } from "./named.ts";

beforeAll(() => void (Error.stackTraceLimit = 0));

const toTheEnd = "the command comes to its end";

interface Fault {
  readonly fault: string;
  readonly without: readonly (keyof Fixes)[];
  readonly schedule: readonly string[];
  /** Whether the client is the stack's own. */
  readonly managed: boolean;
  readonly violation: RegExp;
}

const faults: readonly Fault[] = [
  {
    fault: "1: failover gives up a primary that lives and went on alone",
    without: ["evidence"],
    schedule: [
      "cut every cable",
      "write kvm-a block 1",
      "kernel a",
      "kernel a",
      "kernel a",
      "kernel a",
      "failover",
      toTheEnd,
    ],
    managed: true,
    violation: /^acknowledged write 1 to block 1 is lost: mirror-b serves write 0$/,
  },
  {
    fault: "2: a standby that was never told that it is outdated is promoted after the primary's death",
    without: ["evidence", "marks"],
    schedule: [
      "cut every cable",
      "kernel a",
      "kernel a",
      "kernel a",
      "write kvm-a block 1",
      "destroy a",
      "failover",
      toTheEnd,
    ],
    managed: true,
    violation: /^acknowledged write 1 to block 1 is lost: mirror-b serves write 0$/,
  },
  {
    fault: "2: the same, while only the marks are missing",
    without: ["marks"],
    schedule: [
      "cut every cable",
      "kernel a",
      "kernel a",
      "kernel a",
      "write kvm-a block 1",
      "destroy a",
      "failover",
      toTheEnd,
    ],
    managed: true,
    violation: /^acknowledged write 1 to block 1 is lost/,
  },
  {
    fault: "3: a Primary without data returns EIO, and nbd-server acknowledges",
    without: ["suspendIo"],
    schedule: ["disk errors a", "shut down b", "kernel a", "write kvm-a block 1"],
    managed: true,
    violation: /^acknowledged write 1 to block 1 is lost: both mirrors are Connected and UpToDate with write 0$/,
  },
  {
    fault: "5: a host is admitted while the client of the other one has no session just now",
    without: ["askHosts"],
    schedule: [
      "write kvm-a block 0",
      "switch to mirror-b",
      toTheEnd,
      "active in the stack file becomes kvm b",
      "pulumi up",
      toTheEnd,
      "the client is started on kvm b",
      "write kvm-b block 1",
    ],
    managed: false,
    violation: /^two copies of the client write: on kvm-b, and the one on kvm-a was never ended$/,
  },
  {
    fault: "6: both data disks are missing after a power cut, and up --refresh makes an empty volume",
    without: ["oneFirstSync"],
    schedule: [
      "write kvm-a block 1",
      "power cut at both, and the pools are not mounted",
      "pulumi up --refresh",
      toTheEnd,
    ],
    managed: true,
    violation: /^acknowledged write 1 to block 1 is lost/,
  },
  {
    fault: "9: a mirror that is saved to disk counts as off",
    without: ["savedIsOn"],
    schedule: ["managedsave a", "failover", toTheEnd],
    managed: true,
    violation: /^mirror-b is promoted while mirror-a is Primary and not off, and nobody gave his word for it$/,
  },
  {
    fault: "an outdated copy that meets its peer without a disk passes for the newest",
    without: ["markWhenTold"],
    schedule: [
      "cut replication",
      "kernel a",
      "write kvm-a block 1",
      "kernel a",
      "kernel a",
      "destroy a",
      "virsh start a",
      "heal replication",
      "disk errors a",
      "mute a",
      "kernel b",
      "failover",
      toTheEnd,
    ],
    managed: false,
    violation: /^acknowledged write 1 to block 1 is lost: mirror-b serves write 0$/,
  },
  {
    fault: "a mirror that virsh migrate took to another KVM host counts as off",
    without: ["movedIsOn"],
    schedule: [
      "virsh migrate away a",
      "cut every cable",
      "mute a",
      "write kvm-a block 1",
      ...Array.from({ length: 4 }, () => "kernel a"),
      "failover",
      toTheEnd,
    ],
    managed: true,
    violation: /^mirror-b is promoted while mirror-a is Primary and not off, and nobody gave his word for it$/,
  },
  {
    fault: "a mirror that was copied to another KVM host by hand counts as off",
    without: ["signOfLife"],
    schedule: [
      "copied by hand, and started on another host, a",
      "kernel b",
      "kernel b",
      "units a",
      "freeze a",
      "failover with the words",
      toTheEnd,
    ],
    managed: false,
    violation: /^mirror-b is promoted while mirror-a is Primary and not off, and nobody gave his word for it$/,
  },
  {
    fault: "a copy that was rolled back is copied only where its peer still knows of a difference",
    without: ["wholeAfterRollBack"],
    schedule: [
      "disk errors b",
      "drbdadm attach b",
      "write kvm-a block 1",
      "cut replication",
      "kernel b",
      "freeze a",
      "recover, roll mirror-b back, with the words",
      toTheEnd,
    ],
    managed: false,
    violation: /^both mirrors are Connected and UpToDate, and differ in block 1: write \d+ and write 0$/,
  },
];

describe.each(faults)("fault $fault", ({ without, schedule, managed, violation }) => {
  test("is found when its fix is taken out", () => {
    expect(run(named(...schedule), fixesWithout(without), managed).violation).toMatch(violation);
  });
  test("does not come back with it", () => {
    expect(run(named(...schedule), allFixes, managed).violation).toBe("");
  });
});

describe("random schedules", () => {
  /** The first of so many seeds that breaks an invariant; 0: none. */
  const firstBroken = (from: number, count: number, fixes: Fixes): number => {
    for (let seed = from; seed < from + count; seed++)
      if (run(scheduleOf(seed), fixes, managedOf(seed)).violation !== "") return seed;
    return 0;
  };

  it("find faults 1, 2, 3, 6, 9 and a moved mirror by themselves when the fixes are out", () => {
    for (const fix of ["evidence", "marks", "suspendIo", "oneFirstSync", "savedIsOn", "movedIsOn"] as const)
      expect(firstBroken(1, 20_000, fixesWithout([fix])), fix).toBeGreaterThan(0);
  }, 60_000);

  it("hold every invariant in some thousands", () => {
    const seeds = 5_000;
    expect(firstBroken(1, seeds, allFixes)).toBe(0);
  }, 60_000);
});
