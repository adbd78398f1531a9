/**
 * The scripts of a mirror when a volume has lost its disk, and when its
 * I/O is suspended because no good copy can be reached.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { groupDocument, mainGroup, r0ByNbd } from "./groupDocument.ts";
import { Machine } from "./machine.ts";

let machine: Machine;
const state = (words: string) => machine.ok(`drbdadm state r0 ${words}`);
const suspend = (words: string) => machine.ok(`touch /run/drbd/r0.suspended && drbdadm state r0 ${words}`);
const commands = () => machine.ok("cat /run/drbd/commands").split("\n");
const takeOver = () => machine.guest("group-start.sh", ["main", "--take-over"]);
/** Listens for the group's NBD clients, and the VIP is there. */
const serves = () =>
  machine.ok("ss -Hltn src 192.0.2.10 | awk '{ print $4 }'; ip -4 -o addr show to 192.0.2.10 | wc -l");
const document = groupDocument({ ...mainGroup, exports: [r0ByNbd("192.0.2.21")] });

beforeAll(async () => {
  machine = await Machine.start();
  machine.ok("ip link add storage0 type bridge && ip link set storage0 up && ip addr add 192.0.2.11/24 dev storage0");
  machine.volume("r0", 0);
  expect(machine.guest("group-configure.sh", ["main"], document)).toMatchObject({ status: 0 });
});
afterAll(() => machine?.stop());

describe("a planned switch away from a primary that has lost its disk", () => {
  test.each([
    [
      "is taken: the primary works on the copy here",
      "Connected Secondary Primary UpToDate Diskless",
      "waiting\nends connections\n",
      "called off",
    ],
    [
      "is refused where the disk here is lost",
      "Connected Secondary Primary Diskless UpToDate",
      "",
      "volume r0 is not UpToDate on both mirrors",
    ],
    [
      "is refused where neither copy is good",
      "Connected Secondary Primary Inconsistent Diskless",
      "",
      "volume r0 is not UpToDate on both mirrors",
    ],
    [
      "is refused while they are not connected",
      "WFConnection Secondary Unknown UpToDate DUnknown",
      "",
      "volume r0 is not UpToDate on both mirrors",
    ],
    [
      "is refused where a disk is missing that no primary works without",
      "Connected Secondary Secondary UpToDate Diskless",
      "",
      "volume r0 is not UpToDate on both mirrors",
    ],
  ])("%s", (_, seen, stdout, words) => {
    state(seen);
    expect(takeOver()).toMatchObject({ status: 3, stdout, stderr: expect.stringContaining(words) });
  });

  test("ends with the group here, when the primary lets go", () => {
    state("Connected Secondary Primary UpToDate Diskless");
    machine.ok(`mkfifo /tmp/hold && (sleep 600 </dev/null >/tmp/hold 2>/dev/null & echo $! >/tmp/holder)
      setsid bash $GUEST_SCRIPTS/placement/group-start.sh main --take-over </tmp/hold >/tmp/taking 2>&1 &
      for i in $(seq 100); do grep -q waiting /tmp/taking && exit; sleep 0.1; done; cat /tmp/taking; exit 1`);
    state("Connected Secondary Secondary UpToDate Diskless");
    expect(
      machine.ok(
        "for i in $(seq 100); do grep -q serves /tmp/taking && break; sleep " +
          "0.1; done; kill $(cat /tmp/holder); cat /tmp/taking",
      ),
    ).toBe("waiting\nends connections\ngroup-start.sh: group main serves on 192.0.2.10: r0");
    expect(machine.guest("group-stop.sh", ["main"])).toMatchObject({ status: 0 });
  });
});

describe("a volume whose I/O is suspended", () => {
  beforeEach(() => {
    state("Connected Secondary Secondary UpToDate UpToDate");
    expect(machine.guest("group-start.sh", ["main"])).toMatchObject({ status: 0 });
    suspend("WFConnection Primary Unknown Diskless DUnknown");
  });
  afterEach(() => {
    machine.ok("rm -f /run/drbd/r0.suspended");
    state("Connected Primary Secondary UpToDate UpToDate");
    expect(machine.guest("group-stop.sh", ["main"])).toMatchObject({ status: 0 });
  });

  test("is said to be so", () => {
    expect(JSON.parse(machine.guest("state.sh").stdout).volumes).toMatchObject([
      { name: "r0", disk: "Diskless", suspended: true },
    ]);
    machine.ok("rm /run/drbd/r0.suspended");
    state("Connected Primary Secondary UpToDate UpToDate");
    expect(JSON.parse(machine.guest("state.sh").stdout).volumes).toMatchObject([{ name: "r0", suspended: false }]);
  });

  test("keeps its group where it is: nothing is stopped, and nobody waits", () => {
    const before = commands().length;
    const began = Date.now();
    const { status, stderr } = machine.guest("group-stop.sh", ["main"]);
    expect({ status, stderr }).toEqual({
      status: 3,
      stderr:
        "group-stop.sh: refused: volume r0 has I/O suspended (connection WFConnection, roles " +
        "Primary/Unknown, disks Diskless/DUnknown): reads and writes of clients wait in it, and it cannot " +
        "become Secondary. Nothing was stopped. Bring the peer or the replication network back, or attach its disk: " +
        "drbdadm attach r0. Then what waits goes on, and the group can be stopped\n",
    });
    expect(Date.now() - began).toBeLessThan(10_000);
    expect(serves()).toBe("192.0.2.10:10809\n1");
    expect(
      commands()
        .slice(before)
        .filter((line) => /secondary|resume-io|down/.test(line)),
    ).toEqual([]);
  });

  test("does not hold up a shutdown: servers and VIP go, and it is left as it is", () => {
    const before = commands().length;
    const began = Date.now();
    expect(machine.guest("group-stop.sh", ["main", "--unit"])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("volume r0 stays Primary: its I/O is suspended"),
    });
    expect(Date.now() - began).toBeLessThan(25_000);
    expect(serves()).toBe("0");
    expect(
      commands()
        .slice(before)
        .filter((line) => /resume-io|down|detach/.test(line)),
    ).toEqual([]);
  });
});

test(
  "no script resumes suspended I/O by hand, but for a Primary with a good disk whose peer is " +
    "fenced: it would fail what waits, and nbd-server would say it is done",
  () => {
    // fencing.test.ts: watch-peer.sh does so for a disk that is UpToDate alone.
    expect(machine.ok("cd $GUEST_SCRIPTS && grep -rlE 'drbd(adm|setup)[^#]*resume-io' .")).toBe(
      "./replication/watch-peer.sh",
    );
  },
);
