/** What the seconds of an automatic failover were spent on, from the new primary's journal. */
import { describe, expect, it } from "vitest";
import { automatic } from "../../../torture/modes/automatic.ts";
import type { RoleSampler } from "../../../torture/audits/roleSampler.ts";
import { allPhases } from "../../../torture/recovery.ts";
import type { System } from "../../../harness/system.ts";
import { phasesOf } from "../../../torture/modes/manual.ts";
import type { Situation } from "../../../torture/situation.ts";

const situation = {
  primary: "mirror-a",
  standby: "mirror-b",
  volume: { name: "r0", group: "main" },
} as unknown as Situation;
const journal = `
1795255150.000000 mirror-b corosync[1019]:   [TOTEM ] A new membership (2.1) was formed. Members joined: 1
1795255169.168004 mirror-b corosync[1019]:   [TOTEM ] A new membership (2.d) was formed. Members left: 1
1795255171.009387 mirror-b pacemaker-fenced[1051]:  notice: Requesting peer fencing (reboot) targeting mirror-a
1795255175.908866 mirror-b pacemaker-fenced[1051]:  notice: Operation 'reboot' targeting mirror-a by mirror-b for pacemaker-controld.1056@mirror-b: OK (complete)
1795255197.280037 mirror-b kernel: block drbd1: role( Secondary -> Primary )
1795255197.970020 mirror-b kernel: block drbd0: role( Secondary -> Primary )
1795255226.756715 mirror-b pacemaker-controld[1056]:  notice: Result of start operation for exports-main on mirror-b: ok
`;
const phases = (text: string): readonly (readonly [string, string])[] =>
  (automatic.phasesOf?.(text, situation, 1795255158) ?? []).map(({ name, seconds }) => [name, seconds.toFixed(1)]);

const recovered = (stall: number) =>
  allPhases(
    {
      system: { onMirror: async () => journal } as unknown as System,
      mode: automatic,
      samplers: [{ mirror: "mirror-b", offset: 0 }] as unknown as RoleSampler[],
      patience: { failover: 1, rejoin: 1 },
      say: () => undefined,
    },
    { ...situation, standby: "mirror-b" } as Situation,
    { began: 1795255158_000, stall, recovery: "failover", known: [] },
  );

describe("phases of a stall", () => {
  it("end with the client's next attempt when writing went on later than the exports were there", async () => {
    expect((await recovered(75)).map(({ name }) => name)).toEqual([
      "detection",
      "fencing",
      "promotion",
      "exports",
      "client's next attempt",
    ]);
    expect((await recovered(75)).reduce((sum, { seconds }) => sum + seconds, 0)).toBeCloseTo(75);
  });

  it("are no longer than the stall: an NBD client writes again while iSCSI targets are still being made", async () => {
    expect((await recovered(45)).map(({ name, seconds }) => `${name} ${seconds.toFixed(1)}`)).toEqual([
      "detection 11.2",
      "fencing 6.7",
      "promotion 22.1",
      "exports 5.0",
    ]);
  });
});

describe("phases of a failover by hand", () => {
  it("are the command's own steps, and what it took to look before", () => {
    const output = [
      "Stack lab",
      "now 1/3: turn mirror-a off at its KVM host kvm-a, and see that it is off",
      "done 1/3 in 2.5 s",
      "now 2/3: group main: mirror-b promotes its volumes, serves them and takes the VIP",
      "group-start.sh: group main serves on 10.20.0.10: r0",
      "done 2/3 in 7.5 s",
      "now 3/3: have the KVM hosts drop connections to the old primary, so that clients connect anew at once",
      "done 3/3 in 1.0 s",
      "",
    ].join("\n");
    expect(phasesOf({ output, seconds: 13.5 })).toEqual([
      { name: "a look at both mirrors", seconds: 2.5 },
      { name: "fencing", seconds: 2.5 },
      { name: "promotion, exports and VIP", seconds: 7.5 },
      { name: "connections dropped", seconds: 1 },
    ]);
  });

  it.each([
    "see at its KVM host kvm-a that mirror-a is still off",
    "try to turn mirror-a off at its KVM host kvm-a, which did not answer; go on without it otherwise",
  ])("know the first step by each of its titles: %s", (title) => {
    const output = `now 1/3: ${title}\nmirror-a is off already\ndone 1/3 in 0.5 s\n`;
    expect(phasesOf({ output, seconds: 2 })).toEqual([
      { name: "a look at both mirrors", seconds: 1.5 },
      { name: "fencing", seconds: 0.5 },
    ]);
  });
});

describe("phases of an automatic failover", () => {
  it("end with the lines that say so, after the kill; promotion with the last volume", () => {
    expect(phases(journal)).toEqual([
      ["detection", "11.2"],
      ["fencing", "6.7"],
      ["promotion", "22.1"],
      ["exports", "28.8"],
    ]);
  });

  it("stop where a line is missing: what follows would be measured from the wrong moment", () => {
    expect(phases(journal.replace("OK (complete)", "No such device"))).toEqual([["detection", "11.2"]]);
    expect(phases("")).toEqual([]);
  });
});
