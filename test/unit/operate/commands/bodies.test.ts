import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Inventory } from "../../../../src/inventory/inventory.ts";
import { makeInventory } from "../../../../src/inventory/makeInventory.ts";
import { check } from "../../../../src/operate/commands/check.ts";
import { client } from "../../../../src/operate/commands/client.ts";
import { failover } from "../../../../src/operate/commands/failover.ts";
import { maintain } from "../../../../src/operate/commands/maintain.ts";
import { recover } from "../../../../src/operate/commands/recover.ts";
import { status } from "../../../../src/operate/commands/status.ts";
import { switchGroups } from "../../../../src/operate/commands/switch.ts";
import type { MirrorState } from "../../../../src/operate/observe/states.ts";
import { NoInventoryYet } from "../../../../src/operate/stack/noInventory.ts";
import { screenOn } from "../../../../src/operate/tell/screen.ts";
import { Refused } from "../../../../src/refused.ts";
import { planOf } from "../../render/sample.ts";
import { volumeState } from "../volumeState.ts";

const inventory: Inventory = makeInventory(planOf());
const [group] = inventory.groups;
if (!group) throw new Error("the sample has no group");
const [holder, standby] = ["mirror-a", "mirror-b"];

/** What mirrors and hosts say to a script; undefined: they do not answer. */
let answers: (place: string, script: string) => unknown;
const answer = async (place: string, script: string): Promise<string> => {
  const said = answers(place, script);
  if (said === undefined) throw new Error("no route to host");
  return typeof said === "string" ? said : JSON.stringify(said);
};

const before = vi.hoisted(() => ({ first: false }));
vi.mock("../../../../src/operate/stack/readInventory.ts", () => ({
  readInventory: () => {
    if (before.first) throw new NoInventoryYet("stack unit has no inventory yet");
    return inventory;
  },
}));
vi.mock("../../../../src/operate/stack/stackPlan.ts", () => ({ stackPlan: async () => planOf() }));
vi.mock("../../../../src/operate/stack/stateOfPulumi.ts", () => ({
  stateOfPulumi: () => ({ pending: [], locks: [] }),
}));
vi.mock("../../../../src/operate/remote/runScript.ts", async (actual) => ({
  ...(await actual<object>()),
  askHere: (_: unknown, script: string) => answer("here", script),
  askMirror: (mirror: { name: string }, _: unknown, script: string) => answer(mirror.name, script),
  askHost: (host: { name: string }, _: unknown, script: string) => answer(host.name, script),
  hostScript: (host: { name: string }, _: unknown, script: string) => answer(host.name, script),
}));

function mirrorState(mirror: string): MirrorState {
  const holds = mirror === holder;
  return {
    mirror,
    drbdVersion: "8.4.11",
    volumes: inventory.volumes.map(({ name }) =>
      volumeState(name, holds ? { role: "Primary", peerRole: "Secondary" } : {}),
    ),
    groups: inventory.groups.map(({ name }) => ({ name, vip: holds, enabled: holds, nbd: holds, iscsi: holds })),
    attached: [],
    cluster: null,
  };
}

const hostRow = (): string => `{"probe":"host","time":"${(Date.now() / 1000).toFixed(3)}","root":"yes"}\n`;
const healthy: typeof answers = (place, script) => {
  if (script === "state.sh") return mirrorState(place);
  if (script === "at-work.sh") return [];
  if (script === "site-facts.sh") return hostRow();
  if (script === "mirror-evidence.sh") return { domain: "running", marks: {} };
  if (script === "volume-generation.sh")
    return `${"A".repeat(16)}:${"0".repeat(16)}:${"0".repeat(16)}:${"0".repeat(16)}:1:1`;
  const domains = inventory.clients
    .filter(({ hosts }) => hosts.includes(place))
    .map(({ name, host }) => ({ name, state: host === place ? "running" : "shut off", reason: "", disks: [] }));
  return { host: place, domains };
};

let shown: string;
beforeEach(() => {
  shown = "";
  answers = healthy;
});
const stream = { write: (text: string) => void (shown += text) };
const acting = { stack: inventory.stack, dryRun: true, words: [], screen: screenOn(stream, stream) };

describe("a dry run of a whole system", () => {
  it("of switch says the steps", async () => {
    await switchGroups({ ...acting, selection: "all", to: standby });
    expect(shown).toMatch(/^would 1\/1: group main: mirror-b gets ready; mirror-a ends its servers/m);
  });

  it("of switch says that it is there already", async () => {
    await switchGroups({ ...acting, selection: "all", to: holder });
    expect(shown).toBe("group main runs on mirror-a already\n");
  });

  it("of maintain drains the one that serves", async () => {
    await maintain({ ...acting, mirror: holder, done: false, wait: 60 });
    expect(shown).toBe("would 1/1: group main moves from mirror-a to mirror-b\n");
  });

  it("of maintain --done waits", async () => {
    await maintain({ ...acting, mirror: holder, done: true, wait: 60 });
    expect(shown).toBe("would 1/1: wait, at most 60 s, until mirror-a is connected and UpToDate\n");
  });

  it("of recover has nothing to do", async () => {
    await recover({
      ...acting,
      volume: "r0",
      keep: undefined,
      confirm: undefined,
      withoutCopy: false,
      rollBack: undefined,
    });
    expect(shown).toContain("Nothing to recover");
  });

  it("of client shuts it down before it starts elsewhere", async () => {
    await client({ ...acting, name: "app-1", wish: { kind: "move", to: "kvm-b", confirm: undefined } });
    expect(shown).toMatch(/^would 3\/6: on kvm-a: ask app-1 to shut down/m);
  });

  it("of client --resume and --start has nothing to do", async () => {
    await client({ ...acting, name: "app-1", wish: { kind: "resume" } });
    await client({ ...acting, name: "app-1", wish: { kind: "start" } });
    expect(shown).toBe("client app-1 is running: nothing to resume\nclient app-1 runs already\n");
  });
});

describe("failover", () => {
  const typed = { ...acting, selection: "all", confirm: undefined };

  it("is refused, with the picture, while the primary is whole", async () => {
    await expect(failover(typed)).rejects.toThrow(Refused);
    await expect(failover(typed)).rejects.toThrow("group main runs on mirror-a, which answers, and both");
    expect(shown).toContain("served by mirror-a");
  });

  /** The primary is gone; what its KVM host says of it. */
  const dead = (evidence: object | undefined): void => {
    const lost = { peerRole: "Unknown", peerDisk: "DUnknown", connection: "WFConnection" };
    answers = (place, script) => {
      if (script === "mirror-evidence.sh") return evidence;
      if (script !== "state.sh") return healthy(place, script);
      if (place === holder) return undefined;
      return { ...mirrorState(place), volumes: inventory.volumes.map(({ name }) => volumeState(name, lost)) };
    };
  };

  it.each([
    [{ domain: "running", marks: {} }, "turn mirror-a off at its KVM host kvm-a, and see that it is off"],
    [{ domain: "off", marks: {} }, "see at its KVM host kvm-a that mirror-a is still off"],
  ])("sees that a dead primary is off before the other mirror promotes: %j", async (evidence, first) => {
    dead(evidence);
    await failover(typed);
    expect(shown.match(/^would .*/gm)).toEqual([
      `would 1/3: ${first}`,
      "would 2/3: group main: mirror-b promotes its volumes, serves them and takes the VIP",
      "would 3/3: have the KVM hosts drop connections to the old primary, so that clients connect anew at once",
    ]);
  });

  it("tries to turn it off where its KVM host did not answer, and the operator gave his word", async () => {
    dead(undefined);
    await failover({ ...typed, confirm: "mirror-a is off and stays off, and wrote nothing that mirror-b lacks" });
    expect(shown).toMatch(
      /^would 1\/3: try to turn mirror-a off at its KVM host kvm-a, which did not answer; go on without it otherwise$/m,
    );
  });

  it("is refused for a volume that is not there", async () =>
    await expect(failover({ ...typed, selection: "r9" })).rejects.toThrow(Refused));
});

describe("status", () => {
  it("ends with 0 when all is well, with 2 when something needs attention", async () => {
    expect(await status({ ...acting, json: false })).toBe(0);
    expect(shown).toContain("All is as it should be.");
    answers = (place, script) => (place === standby ? undefined : healthy(place, script));
    shown = "";
    expect(await status({ ...acting, json: true })).toBe(2);
    expect(JSON.parse(shown)).toMatchObject({
      healthy: false,
      mirrors: { "mirror-b": { unreachable: "no route to host" } },
    });
  });
});

describe("check", () => {
  it("ends with 0 when nothing is left over, with 2 when something is, or may be", async () => {
    expect(await check({ ...acting, json: false })).toBe(0);
    expect(shown).toContain("Nothing is left over.");
    answers = (place, script) => (place === "kvm-a" && script === "at-work.sh" ? undefined : healthy(place, script));
    shown = "";
    expect(await check({ ...acting, json: true })).toBe(2);
    expect(JSON.parse(shown)).toMatchObject({
      clean: false,
      leftovers: [expect.stringContaining("the scripts at work on KVM host kvm-a: not known (no route to host)")],
    });
  });

  it("tells of a host that does not answer once, and goes on with the others", async () => {
    answers = (place, script) => (place === "kvm-a" ? undefined : healthy(place, script));
    expect(await check({ ...acting, json: true })).toBe(2);
    expect(JSON.parse(shown)).toMatchObject({
      clean: false,
      problems: [{ what: "kvm-a does not answer: no route to host", command: "ping -c 3 kvm-a.example.net" }],
      leftovers: [],
    });
  });

  it("looks at the site before the first up, and asks no mirror", async () => {
    before.first = true;
    const asked = new Set<string>();
    answers = (place, script) => {
      asked.add(place);
      if (script !== "site-facts.sh") return healthy(place, script);
      return hostRow() + (place === "kvm-a" ? '{"probe":"kvm","state":"no-device","said":""}\n' : "");
    };
    expect(await check({ ...acting, json: false })).toBe(2);
    before.first = false;
    expect([...asked].sort()).toEqual(["here", "kvm-a", "kvm-b"]);
    expect(shown).toContain("To mend, from the first on\n  ! kvm-a: there is no /dev/kvm.\n    Machines do not start");
    expect(shown).toContain("\n    ssh root@kvm-a.example.net 'modprobe kvm_intel || modprobe kvm_amd'\n");
    expect(shown).toContain("Nothing is left over.");
  });
});
