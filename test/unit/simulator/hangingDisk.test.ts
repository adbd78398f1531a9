import { describe, expect, it } from "vitest";
import { allFixes } from "../../../simulator/fixes.ts";
import { run } from "../../../simulator/run.ts";
import { named } from "./named.ts";

/** What happened in the schedule itself, before the operator led back; every invariant held. */
function told(...names: readonly string[]): readonly string[] {
  const { violation, log } = run(named(...names), allFixes, true, true);
  expect(violation).toBe("");
  const lines = log.map((line) => line.replace(/^\d+: /, ""));
  return lines.slice(0, lines.indexOf("faults stop; an operator goes by the book"));
}
const acknowledged = "write 1 of the client on kvm-a to block 1 is acknowledged by mirror-a";
const alone = ["kernel a", "kernel a", "kernel a"];

describe("a disk that hangs", () => {
  it("of the standby holds a write back until the primary gives the standby up, and leaves its mark", () => {
    expect(told("disk hangs b", "write kvm-a block 1")).not.toContain(acknowledged);
    const lines = told("disk hangs b", "write kvm-a block 1", ...alone, "kernel a");
    expect(lines.filter((line) => !line.startsWith("--")).slice(1)).toEqual([
      "mirror-a has lost its peer; its I/O stands still",
      "mirror-b has lost its peer",
      expect.stringMatching(/^mirror-a leaves its mark/),
      "the handler of mirror-a ends with 5",
      acknowledged,
    ]);
  });

  it("of the standby confirms the write when it answers in time", () => {
    expect(told("disk hangs b", "write kvm-a block 1", "disk answers again b")).toContain(acknowledged);
  });

  it("of the primary holds a write back, whatever the standby has", () => {
    const lines = told("disk hangs a", "write kvm-a block 1", "kernel a", "kernel b");
    expect(lines).not.toContain(acknowledged);
    expect(told("disk hangs a", "write kvm-a block 1", "disk answers again a")).toContain(acknowledged);
  });

  it("has forgotten, after its machine was destroyed, that it is out of date: `failover` refuses all the same", () => {
    const lines = told(
      ...["disk hangs b", "write kvm-a block 1", ...alone, "kernel a"],
      ...["destroy b", "virsh start b", "destroy a", "failover", "the command comes to its end"],
    );
    expect(lines).toContain(acknowledged);
    expect(lines).not.toContain("mirror-b becomes Primary");
  });
});
