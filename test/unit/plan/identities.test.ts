import { describe, expect, it } from "vitest";
import { parseConfig } from "../../../src/check/parse.ts";
import { makePlan } from "../../../src/plan/makePlan.ts";
import { changed, sample } from "../config/sample.ts";
import { planOf } from "../render/sample.ts";

const plan = planOf();

describe("identities", () => {
  it("of a client are the same on all its hosts", () => {
    const [one, other] = plan.clients[0]?.machines ?? [];
    expect({ ...one, host: "" }).toEqual({ ...other, host: "" });
  });

  it("differ between machines, roles and stacks", () => {
    const elsewhere = makePlan(parseConfig(sample), { project: "kvm-mirror", stack: "other" });
    const of = ({ mirrors }: typeof plan): readonly string[] =>
      mirrors.flatMap(({ uuid, nics }) => [uuid, ...nics.map(({ mac }) => mac)]);
    const all = [...of(plan), ...of(elsewhere)];
    expect(new Set(all).size).toBe(all.length);
  });

  it("are well-formed: UUIDs of version 5, local unicast MAC addresses of QEMU", () => {
    for (const { uuid, nics } of plan.mirrors) {
      expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      for (const { mac } of nics) expect(mac).toMatch(/^52:54:00(:[0-9a-f]{2}){3}$/);
    }
  });

  it("stay when the image, the sizes or the secret's generation change; host keys follow the generation", () => {
    const next = planOf({ keyGeneration: 2, machine: { memory: "8GiB" } });
    expect(next.mirrors.map(({ uuid }) => uuid)).toEqual(plan.mirrors.map(({ uuid }) => uuid));
    expect(next.mirrors[0]?.hostKey).not.toBe(plan.mirrors[0]?.hostKey);
  });
});

describe("a volume that comes or goes", () => {
  it("moves no other volume's disk, device or port", () => {
    const more = planOf({ "volumes.a0": { size: "1GiB", minor: 7, exports: { nbd: {} } } });
    const places = ({ mirrors, volumes }: typeof plan): readonly unknown[] => [
      ...mirrors.flatMap(({ backings }) => backings.filter(({ volume }) => volume !== "a0")),
      ...volumes.filter(({ name }) => name !== "a0"),
    ];
    expect(places(more)).toEqual(places(plan));
    expect(more.mirrors[0]?.backings[0]).toMatchObject({ volume: "a0", dataDisk: { target: "vdi" } });
  });
});

it("refuses two interfaces of one MAC address", () => {
  const config = parseConfig(changed({}));
  // Found by search: these two names meet in the 24 bits of a management interface's address.
  const { "app-1": app } = config.clients;
  if (!app) throw new Error("the sample has a client app-1");
  const machine = { ...app.machine, management: "10.30.0.22" } as NonNullable<typeof app.machine>;
  const clients = { "app-4446": { ...app, disks: [] }, "app-5099": { ...app, machine, disks: [] } };
  expect(() => makePlan({ ...config, clients }, { project: "kvm-mirror", stack: "unit" })).toThrow(
    "kvm-mirror:clients.app-5099: would get the MAC address of app-4446",
  );
});
