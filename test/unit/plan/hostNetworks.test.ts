import { describe, expect, it } from "vitest";
import { oneHost } from "../config/sample.ts";
import { planOf } from "../render/sample.ts";

describe("networks without a bridge", () => {
  it("give the host the addresses that clients and guests need", () => {
    expect(planOf(oneHost).hosts[0]?.networks.map(({ role, form }) => ({ role, form }))).toMatchInlineSnapshot(`
      [
        {
          "form": {
            "kind": "isolated",
          },
          "role": "replication",
        },
        {
          "form": {
            "hostAddress": "10.20.0.2",
            "kind": "isolated",
          },
          "role": "storage",
        },
        {
          "form": {
            "hostAddress": "10.30.0.1",
            "kind": "nat",
          },
          "role": "management",
        },
      ]
    `);
  });
});
