/** How long writes take, by the kernel's counters: what watch-writes.sh makes of them, and who reads it. */
import { execFileSync } from "node:child_process";
import { hostname } from "node:os";
import { resolve } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { WriteTimes } from "../../src/operate/observe/stuckWrites.ts";
import { isSlow, waitOf } from "../../src/operate/tell/slowWrites.ts";
import { MirrorStateSchema } from "../../src/operate/observe/states.ts";
import { Machine, resourceFile } from "./machine.ts";
import { processesOf } from "./processes.ts";

let machine: Machine;
let disk: string;
beforeAll(async () => {
  machine = await Machine.start();
  disk = machine.disk("r0", 64);
  machine.ok(`mkdir -p /etc/drbd.d /dev/kvm-mirror && ln -s ${disk} /dev/kvm-mirror/r0`);
  machine.ok("cat >/etc/drbd.d/r0.res", resourceFile(hostname(), "r0", 0, "/dev/kvm-mirror/r0"));
  machine.ok("cat >/run/looks", prelude);
});
afterAll(() => machine?.stop());
const played = () => {
  beforeAll(() => void machine.ok("mount -t tmpfs none /sys/block"));
  beforeEach(() => void machine.ok("rm -rf /sys/block/* /run/kvm-mirror/writes"));
  afterAll(() => void machine.ok("umount /sys/block"));
};

/** Looks 10 s apart at played counters: `device NAME WRITES MS WAITING [FLUSHES MS [READS MS WAITING]]`; `look`. */
const prelude = `set -euo pipefail
. $GUEST_SCRIPTS/lib/base.sh
. $GUEST_SCRIPTS/monitoring/lib/write-times.sh
at=100000
uptime_ms() { now=$at; }
device() {
  mkdir -p /sys/block/$1
  echo "\${7:-9} 0 72 \${8:-30} $2 0 160 $3 $4 100 3750 0 0 0 0 \${5:-0} \${6:-0}" >/sys/block/$1/stat
  echo "\${9:-0} $4" >/sys/block/$1/inflight
}
look() { look_at_writes; at=$((at + 10000)); }
find_write_devices
`;
/** The lines of the last look but the first, sorted. */
const looked = (words: string): readonly string[] => {
  const said = machine.ok("cat /run/looks - | bash; true", `${words}\nprintf '%s' "$said"`).split("\n");
  return said.slice(1).sort();
};
const backing = () => disk.replace("/dev/", "");

test("the kernel's own counters have the writes of a disk, and what they took", () => {
  const write = `dd if=/dev/zero of=${disk} bs=4096 count=50 oflag=direct,dsync conv=notrunc 2>/dev/null`;
  const [line = "", ...others] = looked(`look; ${write}; look`);
  expect(others).toEqual([]);
  const [volume, where, span, writes, , stuck] = line.split(" ");
  expect([volume, where, span, stuck]).toEqual(["r0", "disk", "10000", "0"]);
  expect(Number(writes)).toBeGreaterThanOrEqual(50);
});

describe("the last minute", () => {
  played();
  test("has the writes of DRBD's device and of the disk below, flushes among them", () => {
    const line = looked(`device drbd0 100 1000 0; device ${backing()} 50 500 1 10 100; look
      device drbd0 220 61000 1; device ${backing()} 60 600 1 20 300; look`);
    expect(line).toEqual(["r0 disk 10000 20 300 0", "r0 volume 10000 120 60000 0"]);
  });

  test("is no longer than a minute, and one look says nothing", () => {
    expect(looked("device drbd0 100 1000 0; look")).toEqual([]);
    expect(looked("for n in {0..9}; do device drbd0 $((n * n)) $((n * 1000)) 0; look; done")).toEqual([
      `r0 volume 60000 ${9 * 9 - 3 * 3} 6000 0`,
    ]);
  });

  test("begins anew with a device that counts from 0, and is silent of one that is gone", () => {
    const before = "device drbd0 1000 90000 0; look; device drbd0 1100 95000 0; look; ";
    expect(looked(`${before} device drbd0 4 8 0; look`)).toEqual([]);
    expect(looked(`${before} device drbd0 4 8 0; look; device drbd0 6 10 0; look`)).toEqual(["r0 volume 10000 2 2 0"]);
    expect(looked(`${before} rm -r /sys/block/drbd0; look`)).toEqual([]);
  });

  test.each([
    ["counted when they begin", "device drbd0 108 1000 8; look; device drbd0 110 1000 10; look; look"],
    ["counted when they end", "device drbd0 100 1000 8; look; device drbd0 100 1000 10; look; look"],
  ])("tells of writes that wait while none ends, %s", (_, hangs) => {
    expect(looked(`device drbd0 100 1000 0; look; ${hangs}`).map((line) => line.split(" ").at(-1))).toEqual(["20000"]);
    // One that has ended has taken its time.
    expect(looked(`${hangs}; device drbd0 111 41000 9; look`).map((line) => line.split(" ").at(-1))).toEqual(["0"]);
  });

  test("tells of reads that wait while none ends, whatever writes do", () => {
    const writes = (ended: number, reads: string) => `device drbd0 ${ended} 1000 0 0 0 ${reads}; look; `;
    const waits = writes(100, "50 400 30") + writes(120, "50 400 30") + writes(140, "50 400 31");
    expect(looked(waits)).toEqual(["r0 volume 20000 40 0 20000"]);
    expect(looked(`${waits} ${writes(160, "51 30400 30")}`)).toEqual(["r0 volume 30000 60 0 0"]);
  });

  test("counts a look that comes late for no more than two", () => {
    const late = "device drbd0 100 1000 8; look; at=$((at + 90000)); look; look";
    expect(looked(late).map((line) => line.split(" ").at(-1))).toEqual(["30000"]);
  });

  test("tells of no wait where nothing is written, or writes end between the looks", () => {
    expect(looked("device drbd0 100 1000 0; look; look; look")).toEqual(["r0 volume 20000 0 0 0"]);
    expect(looked("device drbd0 100 1000 1; look; device drbd0 105 1000 1; look")).toEqual(["r0 volume 10000 5 0 0"]);
  });
});

/** Has the file say this, written so many seconds ago. */
const says = (lines: string, ago = 0): void =>
  void machine.ok(
    `mkdir -p /run/kvm-mirror; cd /run/kvm-mirror; read -r up _ </proc/uptime
     { echo $((\${up%.*} - ${ago})); cat; } >writes`,
    lines,
  );
const state = () => {
  const { status, stdout } = machine.guest("state.sh");
  expect(status).toBe(0);
  const { volumes, writesWatched } = MirrorStateSchema.parse(JSON.parse(stdout));
  return { writes: volumes[0]?.writes, writesWatched };
};
const unknown = { volume: null, disk: null };

describe("state.sh", () => {
  played();
  test("tells of it, with what is not known as null", () => {
    says("r0 volume 60000 120 60012 0\nr0 disk 60000 0 0 30000\n");
    expect(state()).toEqual({
      writes: {
        volume: { seconds: 60, writes: 120, ms: 60012, stuck: 0 },
        disk: { seconds: 60, writes: 0, ms: 0, stuck: 30 },
      },
      writesWatched: true,
    });
    says("r1 volume 60000 120 60012 0\nr0 disk 600\n");
    expect(state()).toEqual({ writes: unknown, writesWatched: true });
  });

  test("does not take old figures for new ones, and says that nobody looks", () => {
    says("r0 volume 60000 120 60012 0\n", 90);
    expect(state()).toEqual({ writes: unknown, writesWatched: false });
    machine.ok("rm /run/kvm-mirror/writes");
    expect(state()).toEqual({ writes: unknown, writesWatched: null });
    machine.ok("cd /etc/systemd/system/multi-user.target.wants && touch x && ln -s x kvm-mirror-watch-writes.service");
    expect(state()).toMatchObject({ writesWatched: false });
  });
});

describe("watch-writes.sh", () => {
  played();
  test("leaves what it sees, with few processes, and ends where other scripts are in its place", async () => {
    machine.ok(`ln -sfn $GUEST_SCRIPTS/monitoring/watch-writes.sh /tmp/watch-writes.sh
      mkdir -p /sys/block/drbd0 && cd /sys/block/drbd0 && echo "0 0 0 0 7 0 56 70 1 0 0" >stat && echo 0 1 >inflight
      ( for look in $(seq 9); do seen=$(stat -c %i /run/kvm-mirror/writes 2>/dev/null || true)
          until [ "$(stat -c %i /run/kvm-mirror/writes 2>/dev/null || true)" != "$seen" ]; do sleep 0.05; done
        done; ln -sfn /bin/true /tmp/watch-writes.sh ) >/dev/null 2>&1 &`);
    const { outcome, by } = await processesOf(machine, "bash /tmp/watch-writes.sh 0.1");
    expect(outcome).toMatchObject({ status: 0, stderr: "" });
    expect(machine.ok("cat /run/kvm-mirror/writes")).toMatch(/^\d+\nr0 volume \d+ 0 0 \d+$/);
    // Besides renaming the file, it finds itself and its place, once, and disks every sixth time.
    const { mv = 0, readlink = 0, ...others } = by;
    expect(mv).toBeGreaterThanOrEqual(9);
    expect(readlink).toBeLessThanOrEqual(2 + Math.ceil(mv / 6));
    expect(others).toEqual({ dirname: 1, subshell: expect.any(Number) });
    expect(others.subshell).toBeLessThanOrEqual(2);
  });

  test.each(["--help", "ten", "1 1"])("takes no other words: %s", (words) => {
    expect(machine.guest("watch-writes.sh", words.split(" "))).toMatchObject({ status: 2 });
  });
});

test("mirrors, and the operator's command, call the same slow", () => {
  const library = resolve(import.meta.dirname, "../../scripts/guest/monitoring/lib");
  const numbers = [0, 1, 5, 9, 10, 11, 100, 1000];
  const cases: WriteTimes[] = numbers.flatMap((writes) =>
    [0, 50, 100, 101, 500, 6000].flatMap((each) =>
      [0, 10, 19, 20, 300].map((stuck) => ({
        seconds: 60,
        writes,
        ms: writes * each + (stuck === 300 ? 1 : 0),
        stuck,
      })),
    ),
  );
  const words = `import json, sys; sys.path.insert(0, ${JSON.stringify(library)}); import write_times
print(json.dumps([[write_times.is_slow(one), write_times.wait(one)] for one in json.load(sys.stdin)]))`;
  const said = JSON.parse(
    execFileSync("python3", ["-BEsSc", words], { input: JSON.stringify(cases), encoding: "utf8" }),
  ) as unknown;
  const ours = cases.map((times) => [isSlow(times), waitOf(times)]);
  expect(new Set(ours.map(([slow]) => slow))).toEqual(new Set([true, false]));
  expect(said).toEqual(ours);
});
