import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Inventory } from "../../../../src/inventory/inventory.ts";
import { makeInventory } from "../../../../src/inventory/makeInventory.ts";
import { failover } from "../../../../src/operate/commands/failover.ts";
import { status } from "../../../../src/operate/commands/status.ts";
import { switchGroups } from "../../../../src/operate/commands/switch.ts";
import { MirrorStateSchema, type MirrorState } from "../../../../src/operate/observe/states.ts";
import { screenOn } from "../../../../src/operate/tell/screen.ts";
import { planOf } from "../../render/sample.ts";
import { volumeState } from "../volumeState.ts";

// One group, which exports nothing.
const inventory: Inventory = makeInventory(
  planOf({
    groups: { bare: { preferredMirror: "mirror-a" } },
    volumes: { r0: { size: "1GiB" } },
    clients: {},
  }),
);
const lost = { peerRole: "Unknown", peerDisk: "DUnknown", connection: "WFConnection" };
let primary: string | undefined;
let dead: string | undefined;

function mirrorState(mirror: string): MirrorState {
  const here = mirror === primary;
  const roles = {
    role: here ? "Primary" : "Secondary",
    peerRole: primary === undefined || here ? "Secondary" : "Primary",
  };
  return MirrorStateSchema.parse({
    mirror,
    drbdVersion: "8.4.11",
    volumes: [volumeState("r0", { ...roles, ...(dead === undefined ? {} : lost) })],
    groups: [{ name: "bare", vip: null, enabled: here, nbd: null, iscsi: null }],
    attached: [],
    cluster: null,
  });
}

const answer = async (place: string, script: string): Promise<string> => {
  if (place === dead) throw new Error("no route to host");
  if (script === "mirror-evidence.sh") return JSON.stringify({ domain: "running", marks: {} });
  return JSON.stringify(script === "state.sh" ? mirrorState(place) : { host: place, domains: [] });
};

vi.mock("../../../../src/operate/stack/readInventory.ts", () => ({ readInventory: () => inventory }));
vi.mock("../../../../src/operate/remote/runScript.ts", async (actual) => ({
  ...(await actual<object>()),
  askMirror: (mirror: { name: string }, _: unknown, script: string) => answer(mirror.name, script),
  askHost: (host: { name: string }, _: unknown, script: string) => answer(host.name, script),
  hostScript: (host: { name: string }, _: unknown, script: string) => answer(host.name, script),
}));

let shown: string;
beforeEach(() => {
  shown = "";
  primary = "mirror-a";
  dead = undefined;
});
const stream = { write: (text: string) => void (shown += text) };
const acting = { stack: inventory.stack, dryRun: true, words: [], screen: screenOn(stream, stream) };

describe("a group without exports", () => {
  it("is as it should be where it is Primary, and status has no exports to show", async () => {
    expect(await status({ ...acting, json: false })).toBe(0);
    expect(shown).toContain("All is as it should be.");
    expect(shown).not.toContain("Exports");
    expect(shown).toMatch(/^ *r0 +1GiB +mirror-a +Primary +UpToDate/m);
  });

  it("is missed where it is Primary nowhere", async () => {
    primary = undefined;
    expect(await status({ ...acting, json: false })).toBe(2);
    expect(shown).toContain("! volume r0 is primary nowhere");
    expect(shown).not.toContain("VIP");
  });

  it("is switched without a word of servers", async () => {
    await switchGroups({ ...acting, selection: "all", to: "mirror-b" });
    expect(shown).toBe(
      "would 1/1: group bare: mirror-b gets ready; mirror-a lets the volumes go; mirror-b takes them\n",
    );
  });

  it("is failed over without connections to drop", async () => {
    dead = "mirror-a";
    primary = undefined;
    await failover({ ...acting, selection: "all", confirm: undefined });
    expect(shown.match(/^would .*/gm)).toEqual([
      "would 1/2: turn mirror-a off at its KVM host kvm-a, and see that it is off",
      "would 2/2: group bare: mirror-b promotes its volumes",
    ]);
  });
});
