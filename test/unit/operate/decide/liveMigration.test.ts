/** A live migration goes on from wherever it was interrupted, and no guest goes on with memory that is too old. */
import { describe, expect, it } from "vitest";
import { makeInventory } from "../../../../src/inventory/makeInventory.ts";
import { decideAfter } from "../../../../src/operate/decide/afterMigration.ts";
import { decideLive } from "../../../../src/operate/decide/liveMigration.ts";
import type { MigrationSight, MigrationSights } from "../../../../src/operate/observe/migrationSight.ts";
import { clientNamed } from "../../../../src/operate/stack/named.ts";
import { planOf } from "../../render/sample.ts";

const inventory = makeInventory(planOf());
const app = clientNamed(inventory, "app-1");

const blank: MigrationSight = {
  state: "shut off",
  reason: "",
  qemu: "",
  migrating: false,
  saved: false,
  permit: "elsewhere",
  attached: [],
  sizes: [],
  cpu: "",
  xml: "",
};
const holds = {
  off: {},
  left: { reason: "migrated" },
  runs: { state: "running", permit: "here" },
  "runs, and may not start": { state: "running" },
  "handed over": { state: "paused", reason: "migrating", qemu: "postmigrate" },
  "comes in": { state: "paused", reason: "migrating", qemu: "inmigrate", permit: "incoming" },
  waits: { state: "paused", reason: "user", qemu: "paused", permit: "incoming" },
} as const satisfies Readonly<Record<string, Partial<MigrationSight>>>;
type Hold = keyof typeof holds;

const see = (a: Hold | undefined, b: Hold | undefined): MigrationSights =>
  new Map(
    [["kvm-a", a] as const, ["kvm-b", b] as const].map(([host, hold]) => [
      host,
      hold === undefined ? { unreachable: "no route to host" } : { ...blank, ...holds[hold] },
    ]),
  );
const decide = (a: Hold | undefined, b: Hold | undefined, to = "kvm-b", confirm?: string) =>
  decideLive(app, to, see(a, b), confirm);
const arrives = { kind: "arrive", end: undefined, letGo: false };

describe("to the other host", () => {
  it("goes from where it runs, and first ends there what an earlier attempt has left", () => {
    expect(decide("runs", "off")).toEqual({ kind: "go", from: "kvm-a", clear: false });
    expect(decide("runs", "comes in")).toEqual({ kind: "go", from: "kvm-a", clear: true });
    expect(decide("runs, and may not start", "waits")).toEqual({ kind: "go", from: "kvm-a", clear: true });
  });

  it("arrives where it has come in whole, and is let go only after it is ended where it came from", () => {
    expect(decide("handed over", "waits")).toEqual({ ...arrives, end: "kvm-a", letGo: true });
    expect(decide("handed over", "runs")).toEqual({ ...arrives, end: "kvm-a" });
    expect(decide("left", "waits")).toEqual({ ...arrives, letGo: true });
  });

  it("settles what runs there, when the command ended before it had said so everywhere", () => {
    for (const a of ["left", "off"] as const)
      expect(decide(a, "runs")).toEqual({ kind: "stay", letGo: false, clear: undefined });
  });

  it("has nothing to do where it runs, and nothing is left of a migration", () => {
    expect(decide("runs", "off", "kvm-a")).toEqual({ kind: "nothing" });
    // Its permit was taken, or the other host still lets it in.
    expect(decide("runs, and may not start", "off", "kvm-a")).toEqual({ kind: "stay", letGo: false, clear: undefined });
    const left = new Map([...see("runs", "off"), ["kvm-b", { ...blank, permit: "incoming" as const }]]);
    expect(decideLive(app, "kvm-a", left, undefined)).toEqual({ kind: "stay", letGo: false, clear: undefined });
  });
});

describe("back to where it came from", () => {
  it("stays there, where it has not run elsewhere", () => {
    expect(decide("runs", "comes in", "kvm-a")).toEqual({ kind: "stay", letGo: false, clear: "kvm-b" });
    expect(decide("runs", "waits", "kvm-a")).toEqual({ kind: "stay", letGo: false, clear: "kvm-b" });
    expect(decide("handed over", "comes in", "kvm-a")).toEqual({ kind: "stay", letGo: true, clear: "kvm-b" });
  });

  it("never goes on with its memory of before, where it may have run elsewhere: it starts anew, by a phrase", () => {
    const phrase = "app-1 starts anew as after a power cut";
    expect(() => decide("handed over", "off", "kvm-a")).toThrow(
      "client app-1 was handed over on kvm-a, and is off elsewhere. Whether it has run there meanwhile, nobody " +
        "knows: with its memory of before it would corrupt its disks. It can start anew, as after a power cut. Then " +
        `repeat with\n  kvm-mirror client app-1 --to kvm-a --live --confirm "${phrase}"`,
    );
    expect(() => decide("handed over", "off", "kvm-a", "yes")).toThrow(/^that is not the confirmation phrase\. /);
    expect(decide("handed over", "off", "kvm-a", phrase)).toEqual({ kind: "anew", dead: [] });
    // It was resumed by hand where it came from, and its host died then.
    expect(() => decide("off", "waits")).toThrow("client app-1 has come in on kvm-b, and is off elsewhere. Whether");
    expect(decide("off", "waits", "kvm-b", phrase)).toEqual({ kind: "anew", dead: [] });
    expect(() => decide("handed over", "waits", "kvm-a")).toThrow(
      "client app-1 has come in on kvm-b: it goes on there with `kvm-mirror client app-1 --to kvm-b --live`",
    );
    expect(() => decide("handed over", "runs", "kvm-a")).toThrow("client app-1 has come in on kvm-b");
  });
});

describe("after an attempt that failed", () => {
  const after = (a: Hold | undefined, b: Hold | undefined) => decideAfter(app, ["kvm-a", "kvm-b"], see(a, b));

  it("goes on where the client has come in, also where it runs already", () => {
    expect(after("left", "waits")).toEqual({ at: "there", move: { ...arrives, letGo: true } });
    expect(after("handed over", "waits")).toEqual({ at: "there", move: { ...arrives, end: "kvm-a", letGo: true } });
    expect(after("left", "runs")).toEqual({ at: "there", move: undefined });
  });

  it("takes back what was prepared where the client has stayed", () => {
    const stays = { kind: "stay", letGo: false, clear: undefined };
    expect(after("runs, and may not start", "off")).toEqual({ at: "here", move: stays });
    expect(after("runs, and may not start", "comes in")).toEqual({ at: "here", move: { ...stays, clear: "kvm-b" } });
    expect(after("handed over", "comes in")).toEqual({ at: "here", move: { ...stays, letGo: true, clear: "kvm-b" } });
  });

  it.each<readonly [Hold | undefined, Hold | undefined]>([
    ["handed over", "off"],
    ["off", "waits"],
    ["off", "off"],
    ["off", "comes in"],
    ["runs", "runs"],
    ["runs", undefined],
    [undefined, "waits"],
  ])("leaves to an operator what nobody can know: %s, %s", (a, b) => expect(after(a, b)).toBeUndefined());
});

describe("refuses, with the way out", () => {
  it.each<readonly [string, () => unknown, string]>([
    ["one that is off", () => decide("off", "off"), "client app-1 is off: nothing runs that could be migrated"],
    [
      "one that has come in elsewhere, where no `up` has made it active",
      () => decide("off", "runs", "kvm-a"),
      "client app-1 runs on kvm-b, and is active on kvm-a by the last `up`: `kvm-mirror client app-1 --to kvm-b " +
        "--live` ends the move to there first",
    ],
    ["two copies", () => decide("runs", "runs"), "client app-1 runs on kvm-a and kvm-b: two copies"],
    [
      "one that was handed over and did not arrive",
      () => decide("handed over", "off"),
      "client app-1 stands still on kvm-a: it was being handed over to kvm-b, and has not arrived there: it goes on " +
        "there with `kvm-mirror client app-1 --to kvm-a --live`",
    ],
    [
      "one that was lost on its way",
      () => decide("off", "comes in"),
      "client app-1 is off: it was lost while it was migrated to kvm-b, before it had arrived. `kvm-mirror client " +
        "app-1 --start` starts it anew where it was",
    ],
    ["two that were handed over", () => decide("handed over", "handed over"), "no live migration leaves that"],
    [
      "a host that is none of its own",
      () => decide("runs", "off", "kvm-c"),
      "client app-1 is defined on kvm-a, kvm-b and not on kvm-c; add kvm-c to its `hosts` in the stack file",
    ],
    [
      "a host that cannot be asked",
      () => decide("runs", undefined),
      "a live migration of app-1 asks all its KVM hosts, and not all answer (kvm-b: no route to host)",
    ],
  ])("%s", (_, attempt, words) => expect(attempt).toThrow(words));

  it.each<readonly [string, Partial<MigrationSight>, string]>([
    [
      "one that is under way",
      { state: "running", migrating: true },
      "client app-1 is being migrated away from kvm-a now. Wait, or end that on kvm-a: virsh domjobabort app-1",
    ],
    ["one that is saved to disk", { saved: true }, "client app-1 is saved to disk on kvm-a (virsh managedsave)"],
    [
      "one that is paused for another reason",
      { state: "paused", reason: "I/O error", qemu: "io-error" },
      "client app-1 is paused (I/O error) on kvm-a: only one that runs is migrated live",
    ],
    ["one that somebody has suspended", { state: "paused", reason: "user", qemu: "paused" }, "is paused (user) on"],
    ["one of which libvirt says nothing", { state: "unknown" }, "client app-1 is unknown on kvm-a"],
  ])("%s", (_, sight, words) => {
    const seen = new Map([...see("off", "off"), ["kvm-a", { ...blank, ...sight }]]);
    expect(() => decideLive(app, "kvm-b", seen, undefined)).toThrow(words);
  });
});

describe("with a KVM host that is dead by the operator's word", () => {
  const dead = (host: string): string => `${host} is powered off and app-1 does not run there`;

  it("starts anew what stands still: nobody knows whether it was resumed there by hand", () => {
    expect(() => decide(undefined, "waits")).toThrow(
      "client app-1 stands still on kvm-b, and would start anew there, as after a power cut. kvm-a cannot be asked " +
        "(kvm-a: no route to host), and it may run there. Make sure that kvm-a is off and stays off, then repeat " +
        `with\n  kvm-mirror client app-1 --to kvm-b --live --confirm "${dead("kvm-a")}"`,
    );
    expect(() => decide(undefined, "waits", "kvm-b", dead("kvm-b"))).toThrow("that is not the confirmation phrase");
    expect(decide(undefined, "waits", "kvm-b", dead("kvm-a"))).toEqual({ kind: "anew", dead: ["kvm-a"] });
    expect(decide("handed over", undefined, "kvm-a", dead("kvm-b"))).toEqual({ kind: "anew", dead: ["kvm-b"] });
  });

  it("does nothing to what runs, or to a host that does not answer", () => {
    for (const [a, b, to] of [
      ["runs", undefined, "kvm-a"],
      [undefined, "comes in", "kvm-b"],
      [undefined, "off", "kvm-b"],
      ["waits", undefined, "kvm-b"],
    ] as const)
      expect(() => decide(a, b, to, dead(a === undefined ? "kvm-a" : "kvm-b"))).toThrow("not all answer");
  });
});
