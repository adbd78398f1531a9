import { describe, expect, it } from "vitest";
import type { Inventory, InventoryClient } from "../../../../src/inventory/inventory.ts";
import { makeInventory } from "../../../../src/inventory/makeInventory.ts";
import type { Sight } from "../../../../src/operate/observe/clientHost.ts";
import { deathPhrase, decideMove } from "../../../../src/operate/decide/clientMove.ts";
import { moveSteps } from "../../../../src/operate/act/clientMoveSteps.ts";
import type { Follower } from "../../../../src/operate/decide/clientFollowers.ts";
import { pausedOn } from "../../../../src/operate/decide/clientResume.ts";
import { startHost } from "../../../../src/operate/decide/clientStart.ts";
import { carryOut } from "../../../../src/operate/act/steps.ts";
import { planOf } from "../../render/sample.ts";

const inventory: Inventory = makeInventory(planOf());
const client = (name: string): InventoryClient => {
  const found = inventory.clients.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`the sample has no client ${name}`);
  return found;
};
const seen = (a: string | undefined, b: string | undefined): ReadonlyMap<string, Sight> => {
  const sight = (state: string | undefined): Sight =>
    state === undefined ? { unreachable: "no route to host" } : { state, reason: "" };
  return new Map([
    ["kvm-a", sight(a)],
    ["kvm-b", sight(b)],
  ]);
};
const decide = (a: string | undefined, b: string | undefined, confirm?: string) =>
  decideMove(client("app-1"), "kvm-b", seen(a, b), confirm);

describe("where a client may move", () => {
  it("is decided from where it is", () => {
    expect(decide("running", "shut off")).toEqual({ kind: "clean", from: "kvm-a" });
    expect(decide("paused", "shut off")).toEqual({ kind: "clean", from: "kvm-a" });
    expect(decide("shut off", "shut off")).toEqual({ kind: "clean", from: undefined });
    expect(decideMove(client("app-1"), "kvm-a", seen("running", "shut off"), undefined)).toEqual({ kind: "nothing" });
  });

  it("goes on with a move that was interrupted: it is on there, and the inventory does not know", () => {
    expect(decide("shut off", "running")).toEqual({ kind: "clean", from: undefined });
  });

  it.each([
    ["two copies", () => decide("running", "running"), "client app-1 is on at kvm-b and kvm-a: two copies"],
    [
      "a target that cannot be asked",
      () => decide("running", undefined),
      "KVM host kvm-b cannot be asked: no route to host",
    ],
    ["a target without its definition", () => decide("running", "undefined"), "client app-1 is not defined on kvm-b"],
    [
      "a host that is not one of its own",
      () => decideMove(client("app-1"), "kvm-c", seen("running", "shut off"), undefined),
      "add kvm-c to its `hosts` in the stack file",
    ],
    [
      "a domain of the VM team",
      () => decideMove(client("db-1"), "kvm-a", seen("shut off", "running"), undefined),
      "client db-1 is the VM team's: they shut it down",
    ],
  ])("refuses %s", (_, attempt, words) => {
    expect(attempt).toThrow(words);
  });

  it("refuses while the old host cannot be asked, unless the operator types what is at stake", () => {
    expect(() => decide(undefined, "shut off")).toThrowErrorMatchingInlineSnapshot(`
      [Error: kvm-a cannot be asked, and app-1 may still run there and write.
      Make sure that kvm-a is off and stays off (power switch, its management controller), then repeat with
        kvm-mirror client app-1 --to kvm-b --confirm "kvm-a is powered off and app-1 does not run there"]
    `);
    expect(() => decide(undefined, "shut off", "yes")).toThrow(
      "that is not the confirmation phrase. kvm-a cannot be asked, and app-1 may still run there and write.",
    );
    expect(decide(undefined, "shut off", deathPhrase("app-1", ["kvm-a"]))).toEqual({
      kind: "after-death",
      dead: ["kvm-a"],
    });
  });

  it("needs no words for a host that answers", () => {
    expect(decide("running", "shut off", deathPhrase("app-1", ["kvm-a"]))).toEqual({ kind: "clean", from: "kvm-a" });
  });
});

describe("a dry run", () => {
  const dryRun = async (kind: "clean" | "after-death", followers: readonly Follower[] = []): Promise<string> => {
    const lines: string[] = [];
    const move = kind === "clean" ? ({ kind, from: "kvm-a" } as const) : ({ kind, dead: ["kvm-a"] } as const);
    const steps = moveSteps({
      inventory,
      client: client("app-1"),
      to: "kvm-b",
      move,
      followers,
      mirrors: ["mirror-b"],
      show: () => undefined,
    });
    const records = { begins: () => lines.push("recorded"), ended: () => lines.push("recorded") };
    await carryOut(steps, { dryRun: true, say: (line) => void lines.push(line), records });
    return `${lines.join("\n")}\n`;
  };

  it("of a clean move says every step and does none", async () => {
    expect(await dryRun("clean")).toMatchInlineSnapshot(`
      "would 1/6: on kvm-b: check that the exports answer (10.20.0.10:10809)
      would 2/6: check that the stack file asks for nothing but this move (pulumi preview)
      would 3/6: on kvm-a: ask app-1 to shut down, and wait until it is off (its power is never cut)
      would 4/6: in the stack file: clients.app-1.active becomes kvm-b
      would 5/6: pulumi up: the exports admit kvm-b in the place of kvm-a, and app-1 is started there
      would 6/6: check that app-1 runs on kvm-b and nowhere else
      "
    `);
  });

  it("says which groups follow the client", async () => {
    expect(await dryRun("clean", [{ group: "main", mirror: "mirror-b" }])).toContain(
      "and app-1 is started there; then group main follows it to mirror-b\n",
    );
  });

  it("of a move away from a dead host says every step and does none", async () => {
    expect(await dryRun("after-death")).toMatchInlineSnapshot(`
      "would 1/8: on kvm-b: check that the exports answer (10.20.0.10:10809)
      would 2/8: on mirror-b: end the connections that kvm-a (10.20.0.2) has left open to group main
      would 3/8: in the stack file: clients.app-1.active becomes kvm-b
      would 4/8: on mirror-b: check that group main can admit kvm-b in the place of kvm-a
      would 5/8: on mirror-b: have group main admit kvm-b in the place of kvm-a
      would 6/8: permits: kvm-b may start app-1
      would 7/8: on kvm-b: start app-1. When kvm-a is back, \`pulumi up\` makes the rest agree
      would 8/8: check that app-1 runs on kvm-b and nowhere else
      "
    `);
  });
});

describe("where a client that is off is started", () => {
  it("is its active host, when all others have been asked", () => {
    expect(startHost(client("app-1"), seen("shut off", "shut off"))).toBe("kvm-a");
    expect(startHost(client("app-1"), seen("shut off", "undefined"))).toBe("kvm-a");
    expect(() => startHost(client("app-1"), seen("crashed", "undefined"))).toThrow(
      "client app-1 is crashed on kvm-a, neither on nor off",
    );
    expect(startHost(client("app-1"), seen("running", "shut off"))).toBeUndefined();
  });

  it.each([
    [
      "one that is on elsewhere",
      seen("shut off", "running"),
      "client app-1 is running on kvm-b, and the exports admit kvm-a: " +
        "`kvm-mirror client app-1 --to kvm-a` moves it there",
    ],
    ["a paused one", seen("paused", "shut off"), "`kvm-mirror client app-1 --resume` lets it go on"],
    [
      "one that may be on where nobody can ask",
      seen("shut off", undefined),
      "kvm-b (no route to host) cannot be asked, and app-1 may run there",
    ],
    [
      "one that is not defined there",
      seen("undefined", "shut off"),
      "client app-1 is not defined on kvm-a: run `pulumi up --refresh`",
    ],
  ])("refuses %s", (_, sights, words) => {
    expect(() => startHost(client("app-1"), sights)).toThrow(words);
  });

  it("refuses a domain of the VM team", () => {
    expect(() => startHost(client("db-1"), seen("shut off", "shut off"))).toThrow(
      "client db-1 is the VM team's: they start it",
    );
  });
});

describe("which client is to be resumed", () => {
  it("is the paused one", () => {
    expect(pausedOn("app-1", seen("paused", "shut off"))).toBe("kvm-a");
    expect(pausedOn("app-1", seen("paused", undefined))).toBe("kvm-a");
    expect(pausedOn("app-1", seen("running", "shut off"))).toBeUndefined();
  });

  it.each([
    [
      "nothing to resume",
      seen("shut off", "shut off"),
      "client app-1 is not paused: shut off on kvm-a, shut off on kvm-b",
    ],
    [
      "nobody who can say",
      seen(undefined, "shut off"),
      "client app-1 is not paused: kvm-a cannot be asked (no route to host), shut off on kvm-b",
    ],
    ["two copies", seen("paused", "running"), "client app-1 is on at kvm-a and kvm-b"],
  ])("refuses %s", (_, where, words) => {
    expect(() => pausedOn("app-1", where)).toThrow(words);
  });
});
