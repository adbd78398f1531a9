/** What failover does when the mirror that is given up runs after all, by the word of its KVM host. */
import { readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { makeInventory } from "../../../../src/inventory/makeInventory.ts";
import { byHandSteps, inClusterSteps } from "../../../../src/operate/act/failoverSteps.ts";
import type { Evidence } from "../../../../src/operate/observe/evidence.ts";
import type { Observation } from "../../../../src/operate/observe/observe.ts";
import { automaticPlanOf, planOf } from "../../render/sample.ts";
import { playedSsh } from "../playedSsh.ts";

// Each one starts several programs of the operator's machine; on one that is busy that takes its time.
vi.setConfig({ testTimeout: 60_000 });
const played = playedSsh();
/** Every ssh is noted, and answered as mirror-evidence.sh does. */
const hostSays = (domain: "running" | "off"): void =>
  played.ssh(
    `printf '%s\\n' '${JSON.stringify({ domain, marks: {} })}'`,
    `printf '%s\\n' "$*" >>${played.file("asked")}\ncat >/dev/null\n`,
  );
const asked = (): string => readFileSync(played.file("asked"), "utf8");

/** Its KVM host answers, says this of it, and cannot turn it off; or does not answer at all. */
const cannotBeTurnedOff = (domain: "running" | "off" | undefined): void =>
  played.ssh(
    domain === undefined
      ? "exit 255"
      : `case "$*" in *fence-mirror.sh*) echo 'virsh destroy hangs' >&2; exit 1 ;; esac
         printf '%s\\n' '${JSON.stringify({ domain, marks: {} })}'`,
    `printf '%s\\n' "$*" >>${played.file("asked")}\ncat >/dev/null\n`,
  );

/** At the look its KVM host did not answer. */
const unknown: Evidence = { domain: "unknown", marks: undefined };
const alone = (mirror: string, quorum = false): Observation => ({
  mirrors: new Map([
    ["mirror-a", { unreachable: "Connection timed out" }],
    [
      mirror,
      {
        state: {
          ...{ mirror, drbdVersion: "8.4.11", volumes: [], groups: [], attached: [] },
          cluster: {
            ...{ answers: true, quorum, paused: false, groups: [], fences: [], qdevice: null },
            nodes: [
              { name: "mirror-a", online: false, standby: false, unclean: true },
              { name: mirror, online: true, standby: false, unclean: false },
            ],
          },
        },
      },
    ],
  ]),
  hosts: new Map(),
});

describe("a last copy, when the KVM host of the other mirror answers again", () => {
  const say = (): void => undefined;
  const phrase = "mirror-a is lost for good and mirror-b has the last writes";
  const firstStep = {
    "by hand": () =>
      byHandSteps(
        { inventory: makeInventory(planOf()), confirmed: phrase, say },
        { old: "mirror-a", to: "mirror-b", groups: ["main"], copy: "last" },
        [],
        unknown,
      )[0],
    "in a cluster": () =>
      inClusterSteps(
        { inventory: makeInventory(automaticPlanOf({})), confirmed: phrase, say },
        alone("mirror-b"),
        () => unknown,
      )[0],
  } as const;

  it.each(["by hand", "in a cluster"] as const)(
    "is not taken while that mirror runs, which is left alone: %s",
    async (how) => {
      hostSays("running");
      await expect(firstStep[how]()?.run()).rejects.toThrow(
        /^nothing was promoted: mirror-a runs, its KVM host kvm-a says/,
      );
      expect(asked()).toContain("mirror-evidence.sh");
      expect(asked()).not.toContain("fence-mirror.sh");
    },
  );

  it.each(["by hand", "in a cluster"] as const)(
    "goes on when it is off, and sees that it stays so: %s",
    async (how) => {
      hostSays("off");
      await firstStep[how]()?.run();
      expect(asked()).toMatch(/mirror-evidence\.sh[^]*fence-mirror\.sh/);
    },
  );
});

describe("a mirror that is off by the word of an operator, when its KVM host answers again in time", () => {
  const said: string[] = [];
  const say = (line: string): void => void said.push(line);
  const firstStep = {
    "by hand": () =>
      byHandSteps(
        { inventory: makeInventory(planOf()), confirmed: "as decideFailover has weighed it", say },
        { old: "mirror-a", to: "mirror-b", groups: ["main"], copy: "proven" },
        [],
        unknown,
      )[0],
    "in a cluster": () =>
      inClusterSteps(
        { inventory: makeInventory(automaticPlanOf({})), confirmed: "mirror-a is off and stays off", say },
        alone("mirror-b", true),
        () => unknown,
      )[0],
  } as const;

  it.each(["by hand", "in a cluster"] as const)("is turned off there first: %s", async (how) => {
    hostSays("running");
    await firstStep[how]()?.run();
    expect(asked()).toContain("fence-mirror.sh");
  });

  it.each(["by hand", "in a cluster"] as const)(
    "is not passed over while it runs there and cannot be turned off: %s",
    async (how) => {
      cannotBeTurnedOff("running");
      await expect(firstStep[how]()?.run()).rejects.toThrow(
        /^mirror-a still runs, .* kvm-a says, .*virsh destroy hangs.* [Nn]othing was promoted: .* Turn it off: .*;/,
      );
    },
  );

  it.each([
    ["by hand", undefined],
    ["by hand", "off"],
    ["in a cluster", undefined],
    ["in a cluster", "off"],
  ] as const)("is passed over as confirmed where the host says nothing else: %s (%s)", async (how, domain) => {
    said.length = 0;
    cannotBeTurnedOff(domain);
    await firstStep[how]()?.run();
    expect(said.join("\n")).toMatch(/^mirror-a could not be turned off \(.*\); going on, as you confirmed$/);
  });
});

it.each([
  ["off", "--peer-fenced"],
  ["moved", "--peer-said-off"],
] as const)("a mirror that was %s at the look, and is off by its own KVM host: %s", async (domain, certainty) => {
  hostSays("off");
  const steps = byHandSteps(
    { inventory: makeInventory(planOf()), confirmed: "as decideFailover has weighed it", say: () => undefined },
    { old: "mirror-a", to: "mirror-b", groups: ["main"], copy: "proven" },
    [],
    { domain, marks: new Map() },
  );
  for (const { run } of steps.slice(0, 2)) await run();
  expect(asked().match(/--peer-[a-z-]+/g)).toEqual([certainty]);
});
