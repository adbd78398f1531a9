import { describe, expect, it } from "vitest";
import { planOf } from "../render/sample.ts";

describe("networks without a bridge", () => {
  const oneHost = {
    allowSameHost: true,
    "mirrors.mirror-b.host": "kvm-a",
    "clients.app-1.hosts": undefined,
    "clients.db-1.active": "kvm-a",
    "networks.replication": { cidr: "10.10.0.0/24", isolated: true },
    "networks.storage": { cidr: "10.20.0.0/24", isolated: true },
    "networks.management": { cidr: "10.30.0.0/24", nat: true },
  };

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
