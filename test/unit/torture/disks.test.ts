/**
 * Faults of disks, on a system that only remembers what it was told and shows the disk's state that follows from it.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ioError } from "../../../torture/controls/ioError.ts";
import { diskless, disklessCut, lastDisk } from "../../../torture/faults/disks.ts";
import { manual } from "../../../torture/modes/manual.ts";
import { randomFrom } from "../../../harness/random.ts";
import type { Situation } from "../../../torture/situation.ts";
import type { System } from "../../../harness/system.ts";

const volume = { name: "r0", device: "/dev/drbd0", group: "main" };
const situation = {
  primary: "mirror-a",
  standby: "mirror-b",
  primaryHost: "kvm-a",
  standbyHost: "kvm-b",
  volume,
  client: { name: "app-1", host: "kvm-a" },
} as unknown as Situation;

function played({ client = "running", bindFails = false } = {}) {
  const told: string[] = [];
  const disks = new Map([
    ["mirror-a", "UpToDate"],
    ["mirror-b", "UpToDate"],
  ]);
  let cut = false;
  const system = {
    inventory: { stack: "lab", volumes: [volume], mirrors: [{ name: "mirror-a" }, { name: "mirror-b" }] },
    async onMirror(mirror: string, command: string) {
      if (command === "cat /proc/drbd")
        return (
          ` 0: cs:${cut ? "WFConnection" : "Connected"} ro:Primary/Unknown ` +
          `ds:${disks.get(mirror)}/${cut ? "Outdated" : "UpToDate"} C r-----\n    ns:0 oos:0\n`
        );
      if (command.startsWith("disk=$(drbdadm sh-ll-dev r0)")) return "virtio3\n";
      told.push(`${mirror}: ${command}`);
      if (/detach|unbind/.test(command)) disks.set(mirror, "Diskless");
      if (/attach r0/.test(command) && !/detach/.test(command)) disks.set(mirror, "UpToDate");
      if (bindFails && /\/bind/.test(command)) throw new Error("no such device");
      return "";
    },
    async onHost(host: string, command: string) {
      if (command.includes("domstate")) return `${client}\n`;
      told.push(`${host}: ${command}`);
      if (/ip link set cable-repl (down|up)/.test(command)) cut = command.endsWith("down");
      return "";
    },
    async operate(command: string, args: readonly string[]) {
      told.push(`operator: ${command} ${args.join(" ")}`);
      return { status: 0, stdout: "", output: "" };
    },
  } as unknown as System;
  return { system, told };
}
/** Strikes, with a clock that does not have to be waited for. @throws what the fault throws */
async function strike(fault: typeof diskless, system: System): Promise<void> {
  let [over, failure]: [boolean, unknown] = [false, undefined];
  void fault.strike(system, situation, randomFrom(1), manual).then(
    () => (over = true),
    (error: unknown) => ([over, failure] = [true, error]),
  );
  while (!over) await vi.advanceTimersByTimeAsync(1000);
  if (failure !== undefined) throw failure;
}
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a disk that is lost", () => {
  it("stays lost until the fault is mended, and is then taken into use again, once", async () => {
    const { system, told } = played();
    await strike(diskless, system);
    expect(told).toEqual(["mirror-a: drbdadm detach --force r0"]);
    await diskless.mend(system, situation, { ...manual, comeBack: async () => undefined });
    expect(told.slice(1)).toEqual(["mirror-a: drbdadm attach r0"]);
  });

  it.each([
    ["works again", false],
    ["does not come back", true],
  ])(
    "as the last copy: an outdated standby does not meet a primary without disk, also when the disk %s",
    async (_, bindFails) => {
      const { system, told } = played({ bindFails });
      const struck = strike(lastDisk, system);
      if (bindFails)
        await expect(struck).rejects.toThrow(
          "the disk of mirror-a is not back, and the cable stays cut (on kvm-b: ip " +
            "link set cable-repl up, once it is): no such device",
        );
      else await struck;
      const place = (words: RegExp): number => told.findIndex((one) => words.test(one));
      expect(place(/cable-repl down/)).toBe(0);
      expect(place(/unbind/)).toBeGreaterThan(0);
      expect(place(/\/bind/)).toBeGreaterThan(place(/unbind/));
      if (bindFails) expect(told.some((one) => /cable-repl up/.test(one))).toBe(false);
      else expect(place(/cable-repl up/)).toBeGreaterThan(place(/attach r0/));
    },
  );
});

describe("the control io-error", () => {
  it("takes the protection away on both mirrors, and puts back what is configured", async () => {
    const { system, told } = played();
    await ioError.weaken(system, situation);
    await ioError.restore(system, situation);
    expect(told).toEqual(
      ["mirror-a", "mirror-b"]
        .map((mirror) => `${mirror}: drbdadm resource-options --on-no-data-accessible=io-error r0`)
        .concat(["mirror-a", "mirror-b"].map((mirror) => `${mirror}: drbdadm adjust all >/dev/null 2>&1`)),
    );
  });

  it.each([
    ["paused", ["operator: client app-1 --resume"]],
    ["running", []],
  ])("has a client that stopped at an error go on (%s)", async (client, wanted) => {
    const { system, told } = played({ client });
    await strike(ioError.fault, system);
    expect(told).toEqual([
      "mirror-a: drbdadm detach --force r0",
      "kvm-b: ip link set cable-repl down",
      "kvm-b: ip link set cable-repl up",
      ...wanted,
    ]);
  });

  it("kills in the way that the fault with the protection does", () =>
    expect(ioError.fault.kind).toBe(disklessCut.kind));
});
