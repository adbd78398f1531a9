import { expect, it } from "vitest";
import { makeInventory } from "../../../src/inventory/makeInventory.ts";
import { pairOutputs, pairOutputsSchema } from "../../../src/pair/pairOutputs.ts";
import { planOf } from "../render/sample.ts";

const volumes = {
  r0: { size: "1GiB", minor: 0, exports: { nbd: {}, iscsi: { iqn: "iqn.2026-11.net.example:r0" } } },
  r1: { size: "1GiB", minor: 1, group: "bare" },
};
const groups = { main: { vip: "10.20.0.10", preferredMirror: "mirror-a" }, bare: { preferredMirror: "mirror-b" } };

it("tells what clients need, by name", () => {
  const inventory = makeInventory(
    planOf({ groups, volumes: { ...volumes, r0: { ...volumes.r0, group: "main" } }, clients: {} }),
  );
  const { vips, exports, mirrors, inventory: whole } = pairOutputs(inventory);
  expect(vips).toEqual({ main: "10.20.0.10" });
  expect(exports).toEqual({
    r0: {
      nbd: { address: "10.20.0.10", port: 10809, name: "r0" },
      iscsi: { address: "10.20.0.10", port: 3260, iqn: "iqn.2026-11.net.example:r0", lun: 1 },
    },
    r1: {},
  });
  expect(mirrors["mirror-a"]).toMatchObject({ host: "kvm-a", sshTarget: inventory.mirrors[0]?.ssh.target });
  expect(whole).toBe(inventory);
});

it("is as the package's schema has it", () => {
  const outputs = pairOutputs(makeInventory(planOf()));
  expect(pairOutputsSchema.parse(outputs)).toEqual(outputs);
});
