import { expect, it } from "vitest";
import { graph, inProgramsPlace } from "./graph.ts";
import type { Recorded } from "./record.ts";

inProgramsPlace();

/** What the next generation of keys adds to a stack, and in which order it comes. */
async function added(stack: string): Promise<readonly Recorded[]> {
  const before = new Set((await graph(stack)).map(({ name }) => name));
  return (await graph(stack, { "kvm-mirror:keyGeneration": "3" })).filter(({ name }) => !before.has(name));
}
const names = (resources: readonly Recorded[]): readonly string[] => resources.map(({ name }) => name).toSorted();

it("a larger keyGeneration has every machine of the stack change its host key, and replaces nothing", async () => {
  expect(names(await added("lab"))).toEqual(["app-1-host-key", "mirror-a-host-key", "mirror-b-host-key"]);
  const keys = async (generation: string) =>
    (await graph("lab", { "kvm-mirror:keyGeneration": generation })).map(({ name, type }) => `${type} ${name}`);
  expect(await keys("3")).toEqual(await keys("2"));
});

it("has the members of a cluster go over to corosync's key together, before anything is placed", async () => {
  const resources = await added("lab-automatic");
  expect(names(resources)).toEqual(["app-1-host-key", "cluster-key", "mirror-a-host-key", "mirror-b-host-key"]);
  const all = await graph("lab-automatic", { "kvm-mirror:keyGeneration": "3" });
  const after = (name: string) => (all.find((one) => one.name === name)?.options.dependsOn ?? []) as readonly string[];
  expect(after("cluster-key").join()).toMatch(/mirror-a-cluster.*mirror-b-cluster/);
  expect(after("cluster-resources").join()).toContain("cluster-key");
  expect(after("mirror-a-boot").join()).toContain("mirror-a-host-key");
});
