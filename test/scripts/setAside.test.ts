import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Machine } from "./machine.ts";

let machine: Machine;
const copyChanged = (dump: string) =>
  machine.sh('python3 "$GUEST_SCRIPTS/lib/copy_changed.py" /tmp/disk /tmp/kept/r0-X', dump);
/** As drbdadm dump-md prints it: 130 blocks of 4 KiB. */
const dump = (words: string, bits: number) => `version "v08";
la-size-sect 1040;
# bm-bytes 24;
bm {
   # at 0kB
    ${words}
}
# bits-set ${bits};
`;

beforeAll(async () => {
  machine = await Machine.start();
  machine.volume("r0", 0);
  machine.ok("mkdir /tmp/kept; for n in $(seq 0 129); do printf '%-4096s' \"block $n\"; done >/tmp/disk");
});
afterAll(() => machine?.stop());

describe("copy_changed.py", () => {
  test("copies the marked blocks to their own offsets, the last one as long as the volume is", () => {
    expect(copyChanged(dump("0x8000000000000006; 0x0000000000000000; 0x0000000000000003;", 5))).toMatchObject({
      status: 0,
      stdout: '{"file": "/tmp/kept/r0-X.img", "bytes": 20480, "extents": 3}\n',
    });
    expect(machine.ok("cat /tmp/kept/r0-X.extents")).toBe("4096 8192\n258048 4096\n524288 8192");
    expect(machine.ok("stat -c %s /tmp/kept/r0-X.img; tr -d '\\0' </tmp/kept/r0-X.img | tr -s ' '")).toBe(
      "532480\nblock 1 block 2 block 63 block 128 block 129",
    );
  });

  test("reads runs of equal words, and blocks that go on in the next word", () => {
    expect(copyChanged(dump("2 times 0xFFFFFFFFFFFFFFFF; 0x0000000000000001;", 129))).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('"bytes": 528384, "extents": 1'),
    });
  });

  test("refuses when the copy does not fit", () => {
    machine.ok("mkdir /tmp/tight && mount -t tmpfs -o size=8M none /tmp/tight");
    expect(
      machine.sh(
        'python3 "$GUEST_SCRIPTS/lib/copy_changed.py" /tmp/disk /tmp/tight/r0-X',
        dump("0x0000000000000001;", 1),
      ),
    ).toMatchObject({ status: 3, stderr: expect.stringContaining("stay free") });
    expect(machine.ok("ls /tmp/tight")).toBe("");
  });

  test.each([
    ["a bitmap that does not agree with its count", dump("0x0000000000000001;", 2), "its bitmap has 1"],
    ["metadata without a bitmap", "la-size-sect 8;\n", "no bitmap"],
    [
      "a disk that is too short",
      dump("3 times 0x0000000000000000; 0x0000000000000001;", 1).replace("1040", "4000"),
      "ends at",
    ],
  ])("fails on %s", (_, text, words) => {
    expect(copyChanged(text)).toMatchObject({ status: 1, stderr: expect.stringContaining(words) });
  });
});

describe("the losing side", () => {
  test.each([
    ["set-aside.sh", ["r0"], "StandAlone Primary Unknown UpToDate DUnknown", "is Primary here"],
    ["set-aside.sh", ["r0"], "SyncTarget Secondary Primary Inconsistent UpToDate", "Wait until that has ended"],
    ["reconnect.sh", ["r0", "--discard-my-data"], "StandAlone Primary Unknown UpToDate DUnknown", "is Primary here"],
    [
      "reconnect.sh",
      ["r0", "--discard-my-data"],
      "Connected Secondary Primary UpToDate UpToDate",
      "there is nothing to discard",
    ],
    ["reconnect.sh", ["r0"], "StandAlone Secondary Unknown Diskless DUnknown", "has no disk here"],
  ])("%s %j refuses at %s", (script, args, state, words) => {
    machine.ok(`drbdadm state r0 ${state}; : >/run/drbd/commands`);
    expect(machine.guest(script, args)).toMatchObject({ status: 3, stderr: expect.stringContaining(words) });
    expect(machine.ok("grep -E 'connect|detach|primary' /run/drbd/commands || true")).toBe("");
  });

  test("reconnect.sh leaves a volume alone that is connected, or waits", () => {
    for (const state of [
      "Connected Secondary Primary UpToDate UpToDate",
      "WFConnection Primary Unknown UpToDate Outdated",
    ]) {
      machine.ok(`drbdadm state r0 ${state}`);
      expect(machine.guest("reconnect.sh", ["r0"])).toMatchObject({ status: 0 });
    }
  });

  test("wrong usage", () => {
    for (const [script, args] of [
      ["set-aside.sh", []],
      ["reconnect.sh", ["r0", "--force"]],
      ["volume-generation.sh", ["../r0"]],
    ] as const)
      expect(machine.guest(script, args)).toMatchObject({ status: 2 });
  });

  test("volume-generation.sh prints the identifiers of real metadata", () => {
    expect(machine.guest("volume-generation.sh", ["r0"])).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^([0-9A-F]{16}:){4}[01:]+\n$/),
    });
  });
});
