import { expect, it } from "vitest";
import { graph, inProgramsPlace } from "./graph.ts";
import type { Recorded } from "./record.ts";

inProgramsPlace();

/** What `up` runs once more when installAgain is counted up. */
async function runAgain(stack: string): Promise<readonly string[]> {
  const before = await graph(stack);
  const after = await graph(stack, { "kvm-mirror:installAgain": "1" });
  const inputs = ({ inputs }: Recorded): string => JSON.stringify(inputs);
  expect(after.map(({ name }) => name)).toEqual(before.map(({ name }) => name));
  return after
    .filter((resource, index) => inputs(resource) !== inputs(before[index] as Recorded))
    .map(({ name }) => name);
}

const settings = [
  "main-configuration",
  "r0-mirror-a-configuration",
  "r0-mirror-b-configuration",
  "r1-mirror-a-configuration",
  "r1-mirror-b-configuration",
];

it.each([
  ["lab", settings],
  ["lab-automatic", [...settings, "mirror-a-cluster", "mirror-b-cluster"]],
])(
  "installAgain has `up` install the settings of stack %s once more, and touches nothing else",
  async (stack, names) => {
    expect((await runAgain(stack)).toSorted()).toEqual(names.toSorted());
  },
);
