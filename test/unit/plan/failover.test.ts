import { describe, expect, it } from "vitest";
import { automaticPlanOf, keys } from "../render/sample.ts";

const { failover: cluster } = automaticPlanOf({});

describe("fencing of one mirror by the other", () => {
  it("delays the death of the preferred mirror alone", () => {
    expect(
      cluster.fences.map(({ mirror, by, host, address, user, port, from, delay }) => ({
        mirror,
        by,
        host,
        address,
        user,
        port,
        from,
        delay,
      })),
    ).toMatchInlineSnapshot(`
      [
        {
          "address": "10.30.0.2",
          "by": "mirror-b",
          "delay": 5,
          "from": [
            "10.30.0.12",
            "10.20.0.12",
            "10.10.0.12",
          ],
          "host": "kvm-a",
          "mirror": "mirror-a",
          "port": 22,
          "user": "root",
        },
        {
          "address": "10.30.0.3",
          "by": "mirror-a",
          "delay": 0,
          "from": [
            "10.30.0.11",
            "10.20.0.11",
            "10.10.0.11",
          ],
          "host": "kvm-b",
          "mirror": "mirror-b",
          "port": 2222,
          "user": "root",
        },
      ]
    `);
  });

  it("has a key of its own for each mirror", () => {
    expect(new Set(cluster.fences.map(({ publicKey }) => publicKey)).size).toBe(2);
    expect(cluster.fences.map(({ publicKey }) => publicKey)).not.toContain(keys.sshHostKey("mirror-a").publicKey);
  });
});
