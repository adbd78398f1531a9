/** Every rule of the policy pack holds of the golden graphs, and catches its offence in a copy that has it. */
import { describe, expect, it } from "vitest";
import { rules } from "../../../policy/rules.ts";
import { machineOf } from "../../../policy/rules/placement.ts";
import { type Resource, unknown } from "../../../policy/stack.ts";
import { automaticPlanOf, planOf } from "../render/sample.ts";
import { changed, goldenStack, reworded, type StackName } from "./goldenStack.ts";
import { lab, automatic, production, judged, unprotected, withConfig, withDrbd, drbd, cases } from "./offences.ts";

describe.each<StackName>(["lab", "lab-automatic", "production"])("the golden graph of %s", (name) => {
  it("breaks no rule", () => expect(judged(goldenStack(name))).toEqual({}));

  it("breaks none with what a command is given in secret, either", () => {
    for (const plan of [planOf(), automaticPlanOf({})])
      expect(judged(withDrbd(goldenStack(name), drbd(plan)))).toEqual({});
  });
});

describe("an offence is caught, by the rule for it and no other", () => {
  it.each(cases)("%s: %s", (rule, _, stack, said) => {
    const all = judged(stack());
    expect(all).toEqual({ [rule]: said });
    expect(JSON.stringify(all)).not.toContain("hunter2");
  });

  it("every rule has one here", () => {
    expect(new Set(cases.map(([rule]) => rule))).toEqual(new Set(rules.map(({ name }) => name)));
  });
});

describe("what is no offence", () => {
  it("a data disk without protection, where the stack file gives the data up", () => {
    expect(lab.config?.["protectData"]).toBe(false);
    expect(lab.resources.filter(({ name, protect }) => name === "mirror-a-r0" && !protect)).toHaveLength(1);
  });

  it("a data disk of a volume that leaves", () => {
    const stack = changed(production, "mirror-a-orders", unprotected);
    expect(judged(withConfig(stack, { volumes: { orders: { leaves: true } } }))).toEqual({});
  });

  it("an export that nobody may open", () => {
    expect(
      judged(reworded(production, "main-configuration", "orders.allow 0644\\n10.20.0.2\\n", "orders.allow 0644\\n")),
    ).toEqual({});
  });

  it("what is not known yet", () => {
    expect(judged(withDrbd(automatic, unknown))).toEqual({});
    const image = (resource: Resource): Resource => ({ ...resource, properties: { checksum: unknown } });
    expect(judged(changed(production, "kvm-a-production.image-6c401419.qcow2", image))).toEqual({});
  });
});

it("a URI names a machine, whoever logs in", () => {
  expect(machineOf("qemu+ssh://root@kvm-a.example.net:22/system?keyfile=/k")).toBe("kvm-a.example.net");
  expect(machineOf("qemu+ssh://kvm-a.example.net:2222/system")).toBe("kvm-a.example.net:2222");
  expect(machineOf("qemu:///system")).toBe("this machine");
});
