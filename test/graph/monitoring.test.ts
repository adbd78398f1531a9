import { expect, it } from "vitest";
import { graph, inProgramsPlace } from "./graph.ts";
import type { Recorded } from "./record.ts";

inProgramsPlace();

it("node_exporter is set up where it is asked for, and changes nothing else but the inventory's turn", async () => {
  const before = await graph("lab");
  const resources = await graph("lab", { "kvm-mirror:monitoring": JSON.stringify({ nodeExporter: true }) });
  const added = resources.filter(({ name }) => !before.some((resource) => resource.name === name));
  expect(added.map(({ name, inputs, options }) => ({ name, inputs, after: options.dependsOn }))).toMatchInlineSnapshot(`
    [
      {
        "after": [
          "mirror-a-settings",
        ],
        "inputs": {
          "addPreviousOutputInEnv": false,
          "create": "bash ../scripts/operator/on-mirror.sh storage@10.30.0.11 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGQnkOUYoznSgq4sGt/sF+QCgX+cD1keF02Q1rMaEziJ' monitoring-configure.sh",
          "delete": "bash ../scripts/operator/on-mirror.sh storage@10.30.0.11 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGQnkOUYoznSgq4sGt/sF+QCgX+cD1keF02Q1rMaEziJ' monitoring-remove.sh",
          "environment": {
            "OS_DISK": "<known after up>",
          },
          "stdin": "stack lab
    listen 10.30.0.11:9100
    end
    ",
        },
        "name": "mirror-a-monitoring",
      },
      {
        "after": [
          "mirror-b-settings",
        ],
        "inputs": {
          "addPreviousOutputInEnv": false,
          "create": "bash ../scripts/operator/on-mirror.sh storage@10.30.0.12 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIUUvrhC6mS4NTj+YH3YjiaeEDwC7ev5gBUhrEbn8BYk' monitoring-configure.sh",
          "delete": "bash ../scripts/operator/on-mirror.sh storage@10.30.0.12 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIUUvrhC6mS4NTj+YH3YjiaeEDwC7ev5gBUhrEbn8BYk' monitoring-remove.sh",
          "environment": {
            "OS_DISK": "<known after up>",
          },
          "stdin": "stack lab
    listen 10.30.0.12:9100
    end
    ",
        },
        "name": "mirror-b-monitoring",
      },
    ]
  `);
  // The mirrors' firewall lets it be seen: a line of their settings.
  const withoutIt = ({ inputs, ...one }: Recorded): object => {
    const { stdin, ...others } = inputs as { readonly stdin?: string };
    return { ...one, inputs: stdin ? { ...others, stdin: stdin.replace(/[^\n]*dport 9100 accept\n/, "") } : inputs };
  };
  const others = resources.filter(({ name }) => !/-monitoring$|^inventory$/.test(name));
  expect(others.map(withoutIt)).toEqual(before.filter(({ name }) => name !== "inventory"));
});
