import { describe, expect, it } from "vitest";
import { siteQuestions } from "../../../../src/operate/observe/siteQuestions.ts";
import { parseRows } from "../../../../src/operate/observe/siteRows.ts";
import type { Plan } from "../../../../src/plan/plan.ts";
import { oneHost } from "../../config/sample.ts";
import { automaticPlanOf, planOf } from "../../render/sample.ts";

/** Questions of one kind, each with its words. */
function asked(plan: Plan, name: string, question: string): readonly string[] {
  const host = plan.hosts.find((one) => one.name === name);
  if (!host) throw new Error(`no host ${name}`);
  return siteQuestions(plan, host)
    .join(" ")
    .split(/ ?(?=--)/)
    .filter((words) => words.startsWith(`--${question} `))
    .map((words) => words.slice(question.length + 3));
}

describe("what a KVM host is asked", () => {
  const plan = planOf();

  it("is about its own bridges, pool, disks and domains", () => {
    expect(asked(plan, "kvm-b", "bridge")).toEqual(["br-replication", "br-storage", "br-management"]);
    expect(asked(plan, "kvm-b", "pool")).toEqual(["fast"]);
    expect(asked(plan, "kvm-b", "volume")).toEqual([
      "unit.mirror-b.os.qcow2",
      "unit.app-1.os.qcow2",
      "unit.mirror-b.r0.raw",
      "unit.mirror-b.r1.raw",
      "unit.mirror-b.marks",
    ]);
    expect(asked(plan, "kvm-a", "domain")).toEqual(["mirror-a", "app-1"]);
    expect(asked(plan, "kvm-b", "domain")).toEqual(["mirror-b", "app-1", "db-1"]);
    expect(asked(plan, "kvm-a", "image")).toHaveLength(1);
  });

  it("is about the storage network, and every address that the stack gives away", () => {
    expect(asked(plan, "kvm-a", "has")).toEqual(["10.20.0.2"]);
    expect(asked(plan, "kvm-a", "path")).toEqual(["10.20.0.2 10.20.0.3 0"]);
    expect(asked(planOf({ "networks.storage.mtu": 9000 }), "kvm-b", "path")).toEqual(["10.20.0.3 10.20.0.2 9000"]);
    expect(asked(plan, "kvm-a", "free")).toEqual([
      ...["10.10.0.11", "10.20.0.11", "10.30.0.11", "10.10.0.12", "10.20.0.12", "10.30.0.12"],
      ...["10.20.0.10", "10.30.0.21"],
    ]);
  });

  it("is about what its mirror will have to reach, under automatic failover alone", () => {
    expect(asked(plan, "kvm-a", "tcp")).toEqual([]);
    const automatic = automaticPlanOf({ qdevice: { address: "10.30.0.9" } });
    expect(asked(automatic, "kvm-a", "tcp")).toEqual(["10.30.0.3 2222", "10.30.0.9 5403"]);
    expect(asked(automatic, "kvm-b", "tcp")).toEqual(["10.30.0.2 22", "10.30.0.9 5403"]);
  });

  it("is nothing of bridges and addresses where libvirt makes the networks", () => {
    const alone = planOf(oneHost);
    for (const question of ["bridge", "has", "path"]) expect(asked(alone, "kvm-a", question)).toEqual([]);
  });
});

describe("what a KVM host answers", () => {
  const first = '{"probe":"host","time":"1795780800.250","root":"yes"}';

  it("is read with numbers and truth values", () => {
    const bridge = '{"probe":"bridge","name":"br0","state":"up","mtu":"1500","ports":"eno1.7:1500 bond0:9000"}';
    expect(parseRows(`${first}\n${bridge}\n`)).toEqual([
      { probe: "host", time: 1795780800.25, root: true },
      {
        probe: "bridge",
        name: "br0",
        state: "up",
        mtu: 1500,
        ports: [
          { name: "eno1.7", mtu: 1500 },
          { name: "bond0", mtu: 9000 },
        ],
      },
    ]);
  });

  it.each([
    "",
    `${first}\n${first}`,
    `${first}\n{"probe":"moon"}`,
    `${first}\nnonsense`,
    first.replace("yes", "maybe"),
  ])("is no answer: %j", (answer) => expect(() => parseRows(answer)).toThrow());
});
