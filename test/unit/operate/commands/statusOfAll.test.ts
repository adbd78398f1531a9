import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Inventory } from "../../../../src/inventory/inventory.ts";
import { makeInventory } from "../../../../src/inventory/makeInventory.ts";
import { statusOfAll } from "../../../../src/operate/commands/statusOfAll.ts";
import { NoInventoryYet } from "../../../../src/operate/stack/noInventory.ts";
import type { KnownStacks } from "../../../../src/operate/stack/stacks.ts";
import { screenOn } from "../../../../src/operate/tell/screen.ts";
import { Refused } from "../../../../src/refused.ts";
import { planOf } from "../../render/sample.ts";
import { volumeState } from "../volumeState.ts";

const sample = makeInventory(planOf());
const known = vi.hoisted(() => ({ stacks: { names: [] } as KnownStacks }));
vi.mock("../../../../src/operate/stack/stacks.ts", () => ({ knownStacks: () => known.stacks }));
vi.mock("../../../../src/operate/stack/readInventory.ts", () => ({
  readInventory: (stack: string): Inventory => {
    if (stack === "fresh") throw new NoInventoryYet("stack fresh has no inventory yet");
    if (stack === "locked") throw new Error("the inventory of stack locked cannot be read: no answer within 60 s");
    return { ...sample, stack };
  },
}));
/** Mirrors that do not answer, and how many are asked at the same time. */
let silent: readonly string[];
let asking: number;
let most: number;
vi.mock("../../../../src/operate/remote/runScript.ts", async (actual) => ({
  ...(await actual<object>()),
  askMirror: async ({ name }: { name: string }) => {
    most = Math.max(most, ++asking);
    await new Promise((resolve) => setTimeout(resolve, 1));
    asking--;
    if (silent.includes(name)) throw new Error("no route to host");
    const holds = name === "mirror-a";
    return JSON.stringify({
      mirror: name,
      drbdVersion: "8.4.11",
      volumes: sample.volumes.map((volume) =>
        volumeState(volume.name, holds ? { role: "Primary", peerRole: "Secondary" } : {}),
      ),
      groups: sample.groups.map((group) => ({
        name: group.name,
        vip: holds,
        enabled: holds,
        nbd: holds,
        iscsi: holds,
      })),
      attached: [],
      cluster: null,
    });
  },
  askHost: async ({ name }: { name: string }, _: unknown, script: string) => {
    if (script !== "client-state.sh") throw new Error("no answer");
    return JSON.stringify({ host: name, domains: [] });
  },
}));

let shown: string;
let beside: string;
beforeEach(() => {
  shown = beside = "";
  silent = ["mirror-b"];
  asking = most = 0;
});
const all = (json = false): Promise<number> =>
  statusOfAll({
    screen: screenOn({ write: (text: string) => (shown += text) }, { write: (text: string) => (beside += text) }),
    json,
  });

describe("status --all", () => {
  it("shows each stack, also one that cannot be read, and what needs attention; commands name the stack", async () => {
    known.stacks = { names: ["production", "fresh", "locked"] };
    expect(await all()).toBe(2);
    expect(shown).toMatch(/^ {2}production {2}main on mirror-a +needs attention$/m);
    expect(shown).toMatch(/^ {2}fresh +no `pulumi up` has succeeded yet$/m);
    expect(shown).toMatch(/^ {2}locked +needs attention$/m);
    expect(shown).toMatch(/^Stack production needs attention\n {2}! .*mirror-b/m);
    expect(shown).toMatch(/^Stack locked needs attention\n {2}! the inventory of stack locked cannot be read/m);
    expect(shown).not.toMatch(/kvm-mirror (?:switch|failover|recover|client)\b(?! --stack)/);
  });

  it("says it to a machine", async () => {
    known.stacks = { names: ["fresh", "production"] };
    expect(await all(true)).toBe(2);
    expect(JSON.parse(shown)).toMatchObject({
      healthy: false,
      stacks: [
        { stack: "fresh", healthy: true, unreadable: "stack fresh has no inventory yet" },
        { stack: "production", healthy: false, mirrors: { "mirror-b": { unreachable: "no route to host" } } },
      ],
    });
  });

  it("ends with 0 where no stack was ever up", async () => {
    known.stacks = { names: ["fresh"] };
    expect(await all()).toBe(0);
    expect(shown).toContain("All is as it should be.");
  });

  it("goes on with what this machine keeps where Pulumi does not answer", async () => {
    known.stacks = { names: ["production"], why: "no answer within 20 s" };
    expect(await all()).toBe(2);
    expect(beside).toContain("Pulumi does not say which stacks there are (no answer within 20 s)");
  });

  it("is refused where there is none", async () => {
    known.stacks = { names: [] };
    await expect(all()).rejects.toThrow(Refused);
  });

  it("asks few stacks at the same time: they may have their hosts in common", async () => {
    known.stacks = { names: Array.from({ length: 10 }, (_, one) => `stack-${one}`) };
    await all();
    expect(most).toBeLessThanOrEqual(8);
    expect(shown.match(/^ {2}stack-\d /gm)).toHaveLength(10);
  });
});
