import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const lines = (stack: string): readonly string[] =>
  readFileSync(new URL(`../../../stacks/Pulumi.${stack}.yaml`, import.meta.url), "utf8").split("\n");

it("lab-slow is lab-automatic with the defaults of automatic failover, and leaves the hosts' keepalive alone", () => {
  const [automatic, slow] = [lines("lab-automatic"), lines("lab-slow")];
  const differing = slow.flatMap((line, index) =>
    line === automatic[index] ? [] : [line.replace(/qemu\+ssh:.*storage/, "… storage")],
  );
  expect(slow).toHaveLength(automatic.length);
  expect(differing.slice(1)).toMatchInlineSnapshot(`
    [
      "    kvm-a: { uri: … storageAddress: 10.20.0.2, virtualization: auto, keepalive: false }",
      "    kvm-b: { uri: … storageAddress: 10.20.0.3, virtualization: auto, keepalive: false }",
      "  kvm-mirror:failover: { mode: automatic }",
    ]
  `);
});
