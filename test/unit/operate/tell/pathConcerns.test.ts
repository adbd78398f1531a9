import { expect, it } from "vitest";
import { pathConcerns } from "../../../../src/operate/tell/pathConcerns.ts";
import type { MirrorState } from "../../../../src/operate/observe/states.ts";

type Path = NonNullable<MirrorState["paths"]>[number];
const concerns = (change: Partial<Path>) =>
  pathConcerns({
    mirror: "mirror-a",
    paths: [
      {
        network: "replication",
        interface: "replication0",
        to: "mirror-b",
        address: "10.10.0.12",
        bytes: 9000,
        carries: 9000,
        ...change,
      },
    ],
    drbdVersion: "8.4.11",
    volumes: [],
    groups: [],
    attached: [],
    cluster: null,
  });

const hangs =
  "mirror-a: the MTU of replication0 is 9000, and the path to mirror-b (10.10.0.12) carries no packet of more than " +
  "1500 bytes: DRBD connects and then hangs at the first larger packet, and clients with it. A bridge or a network " +
  "card of a KVM host, or a switch between the two, has the smaller MTU (on each host: ip -br link; ip link): give " +
  "it 9000";

it("names the MTU, what passes instead, where to look and both ways out", () => {
  expect(concerns({ carries: 1500 })).toEqual([
    `${hangs}, or set kvm-mirror:networks.replication.mtu: 1500 in the stack file and run pulumi up`,
  ]);
});

it("does not advise an MTU that the configuration refuses", () => {
  expect(concerns({ carries: 1000 })).toEqual([hangs.replace("1500", "1000")]);
});

it("says of a client's path that the client hangs", () => {
  const storage = { network: "storage", interface: "storage0", to: "10.20.0.2", address: "10.20.0.2" } as const;
  expect(concerns({ ...storage, bytes: 8988, carries: 1500 })).toEqual([
    "mirror-a: the client's connection from 10.20.0.2 to storage0 uses packets of up to 8988 bytes, and the path " +
      "between them carries none of more than 1500: the client hangs at the first larger one. A bridge or a network " +
      "card of a KVM host, or a switch in between, has the smaller MTU: give it that of storage0, or set " +
      "kvm-mirror:networks.storage.mtu: 1500 in the stack file and run pulumi up. Then the client connects anew " +
      "(docs/clients.md, MTU)",
  ]);
});

it("is silent where full packets pass, where nobody answers, and for a mirror that does not say", () => {
  expect([concerns({}), concerns({ carries: null })]).toEqual([[], []]);
  expect(
    pathConcerns({ mirror: "mirror-a", drbdVersion: "", volumes: [], groups: [], attached: [], cluster: null }),
  ).toEqual([]);
});
