import { expect, it } from "vitest";
import { graph, inProgramsPlace } from "./graph.ts";

inProgramsPlace();

it("both mirrors are told whom to tell, in secret, and nothing else changes but the inventory's turn", async () => {
  const before = await graph("lab");
  const webhook = "https://192.0.2.7/hooks/hush-hush-hush";
  const key = "kvm-mirror:monitoring";
  const resources = await graph("lab", { [key]: JSON.stringify({ notify: { webhook } }) }, [key]);
  const added = resources.filter(({ name }) => !before.some((resource) => resource.name === name));
  expect(added.map(({ name, inputs, options }) => ({ name, inputs, options }))).toEqual(
    ["mirror-a", "mirror-b"].map((mirror) => ({
      name: `${mirror}-notify`,
      inputs: {
        addPreviousOutputInEnv: false,
        create: expect.stringMatching(/^bash \.\.\/scripts\/operator\/on-mirror\.sh .* notify-configure\.sh$/),
        delete: expect.stringMatching(/^bash \.\.\/scripts\/operator\/on-mirror\.sh .* notify-remove\.sh$/),
        environment: { OS_DISK: "<known after up>" },
        stdin: "<secret>",
      },
      options: expect.objectContaining({
        additionalSecretOutputs: ["stdout", "stderr"],
        dependsOn: [`${mirror}-settings`],
      }),
    })),
  );
  expect(JSON.stringify(resources)).not.toContain("hush-hush-hush");
  const others = resources.filter(({ name }) => !/-notify$|^inventory$/.test(name));
  expect(others).toEqual(before.filter(({ name }) => name !== "inventory"));
});
