/** What failover does when the mirror that is given up runs after all, by the word of its KVM host. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { makeInventory } from "../../../../src/inventory/makeInventory.ts";
import { byHandSteps, inClusterSteps } from "../../../../src/operate/act/failoverSteps.ts";
import type { Evidence } from "../../../../src/operate/observe/evidence.ts";
import type { Observation } from "../../../../src/operate/observe/observe.ts";
import { automaticPlanOf, planOf } from "../../render/sample.ts";
import { playedSsh } from "../playedSsh.ts";

const played = playedSsh();
/** Every ssh is noted, and answered as mirror-evidence.sh does. */
const hostSays = (domain: "running" | "off"): void =>
  played.ssh(
    `printf '%s\\n' '${JSON.stringify({ domain, marks: {} })}'`,
    `printf '%s\\n' "$*" >>${played.file("asked")}\ncat >/dev/null\n`,
  );
const asked = (): string => readFileSync(played.file("asked"), "utf8");

/** At the look its KVM host did not answer. */
const unknown: Evidence = { domain: "unknown", marks: undefined };
const alone = (mirror: string): Observation => ({
  mirrors: new Map([
    ["mirror-a", { unreachable: "Connection timed out" }],
    [
      mirror,
      {
        state: {
          ...{ mirror, drbdVersion: "8.4.11", volumes: [], groups: [], attached: [] },
          cluster: {
            ...{ answers: true, quorum: false, paused: false, groups: [], fences: [], qdevice: null },
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
