import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { cutEach } from "../../../bench/alternatives/cut.ts";
import type { Half } from "../../../bench/alternatives/commands.ts";
import { alternativesRig } from "../../../bench/alternatives/rig.ts";
import { benchOf } from "../../../bench/benchOf.ts";
import type { Context } from "../../../bench/context.ts";
import type { Spot } from "../../../bench/spot.ts";
import { scratchOf } from "../../../bench/scratch.ts";
import { type Answers, changes, inventory, playedStack, takenAway } from "./playedStack.ts";

const directory = mkdtempSync(join(tmpdir(), "bench-alternatives-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const iscsi = "/dev/disk/by-path/ip-10.10.0.12:10895-iscsi-iqn.2026-11.kvm-mirror.bench:lio-lun-0";
const rigAnswers: Answers = [
  ["ip -brief link show cable-repl", "cable-repl@if7 UP\n"],
  ["set -- upper disk", "/dev/vdc1\n"],
  ["set -- upper drbd-on-zvol", "/dev/drbd60\n"],
  ["set -- upper zfs-on-drbd", "/dev/zvol/bench_top/volume\n"],
  ["set -- upper zfs-over-iscsi", "/dev/zvol/bench_mirror/volume\n"],
  ["set -- upper gluster", "/mnt/kvm-mirror-bench/volume\n"],
  ["set -- part zfs-over-iscsi", "/dev/vdc4\n"],
];

const run = (out: string, answers: Answers = []) =>
  playedStack(`--alternatives --repetitions 1 --loads write-1m --out ${join(directory, out)}`, {
    answers: [...answers, ...rigAnswers],
  });

describe("alternatives", () => {
  it("are made on a disk of each mirror, lower halves first, measured on the primary, and taken away", async () => {
    const { context, commands } = run("a.json");
    const measuredOnly = async (played: Context) => {
      const { cuts, ...rig } = await alternativesRig(played);
      expect(cuts).toBeDefined();
      return rig;
    };
    const { report } = await benchOf(context, measuredOnly);
    expect(report).toMatchObject({ part: "alternatives", complete: true, failures: [], cuts: [] });
    const done = changes(commands);
    const from = done.indexOf("mirror-a: mark /dev/drbd4");
    expect(done.slice(from, done.indexOf("mirror-a: fio fill on /dev/vdc1"))).toMatchInlineSnapshot(`
      [
        "mirror-a: mark /dev/drbd4",
        "kvm-a: bench-disks.sh plug 60 mirror-a 4043309056 mirror-a scratch",
        "kvm-b: bench-disks.sh plug 60 mirror-b 4043309056 mirror-b scratch",
        "mirror-a: disk bench-direct-virtio 805306368 10.10.0.12",
        "mirror-b: disk bench-direct-virtio 805306368 10.10.0.11",
        "mirror-a: upper disk 268435456 10.10.0.11 10.10.0.12",
        "mirror-b: lower drbd-on-zvol 268435456 10.10.0.12 10.10.0.11",
        "mirror-a: lower drbd-on-zvol 268435456 10.10.0.11 10.10.0.12",
        "mirror-a: upper drbd-on-zvol 268435456 10.10.0.11 10.10.0.12",
        "mirror-b: lower zfs-on-drbd 268435456 10.10.0.12 10.10.0.11",
        "mirror-a: lower zfs-on-drbd 268435456 10.10.0.11 10.10.0.12",
        "mirror-a: upper zfs-on-drbd 268435456 10.10.0.11 10.10.0.12",
        "mirror-b: lower zfs-over-iscsi 268435456 10.10.0.12 10.10.0.11",
        "mirror-a: lower zfs-over-iscsi 268435456 10.10.0.11 10.10.0.12",
        "mirror-b: part zfs-over-iscsi",
        "mirror-b: start lio 10.10.0.12 /dev/vdc4 10.10.0.11",
        "mirror-a: log_in 10.10.0.12:10895 iqn.2026-11.kvm-mirror.bench:lio 0",
        "mirror-a: upper zfs-over-iscsi 268435456 10.10.0.11 10.10.0.12 /dev/disk/by-path/ip-10.10.0.12:10895-iscsi-iqn.2026-11.kvm-mirror.bench:lio-lun-0",
        "mirror-b: lower gluster 268435456 10.10.0.12 10.10.0.11",
        "mirror-a: lower gluster 268435456 10.10.0.11 10.10.0.12",
        "mirror-a: upper gluster 268435456 10.10.0.11 10.10.0.12",
      ]
    `);
    expect(done.filter((command) => command.includes("fio write-1m")).toSorted()).toEqual(
      [
        "/dev/drbd4",
        "/dev/drbd60",
        "/dev/vdc1",
        "/dev/zvol/bench_mirror/volume",
        "/dev/zvol/bench_top/volume",
        "/mnt/kvm-mirror-bench/volume",
      ].map((target) => `mirror-a: fio write-1m on ${target}`),
    );
    expect(done.some((command) => command.includes(`upper zfs-over-iscsi`) && command.endsWith(iscsi))).toBe(true);
    expect(done.slice(-takenAway.length)).toEqual(takenAway);
  });

  it.each<[string, Answers[number], string]>([
    ["a mirror lacks something", ["set -- lacks", "zpool\ngluster\n"], "mirror-a lacks zpool, gluster"],
    ["there is no cable to cut", ["cable-repl", "none\n"], "The alternatives are compared in the lab alone"],
    ["something is on the volume", ["mark=", "content ext4\n"], "repeat with --overwrite scratch"],
  ])("change nothing where %s", async (_, answer, words) => {
    const { context, commands } = run("b.json", [answer]);
    await expect(alternativesRig(context)).rejects.toThrow(words);
    expect(changes(commands).filter((command) => !command.includes("ip -brief"))).toEqual([]);
  });

  it("are taken away when one of them cannot be made", async () => {
    const { context, commands } = run("c.json", [["set -- lower gluster", new Error("glusterd does not start")]]);
    await expect(alternativesRig(context)).rejects.toThrow("glusterd does not start");
    expect(changes(commands).slice(-takenAway.length)).toEqual(takenAway);
  });
});

const half = (name: string, own: number, other: number): Half => ({
  place: { kind: "mirror", name },
  self: `10.10.0.${own}`,
  peer: `10.10.0.${other}`,
});
const spot: Spot = {
  name: "gluster",
  title: "Gluster on ZFS",
  base: "disk",
  place: { kind: "mirror", name: "mirror-a" },
  target: { kind: "file", path: "/mnt/kvm-mirror-bench/volume" },
};

/** A cut under torture's own writer, which works on a file here. @param copyOf what the other mirror's copy holds */
async function cutUnder(copyOf: (file: Buffer) => Buffer, answers: Answers = []) {
  const file = join(directory, `volume-${Math.random()}`);
  writeFileSync(file, Buffer.alloc(16 * 2 ** 20));
  const { context, commands } = playedStack("--alternatives --cut 1 --seed 5", {
    answers: [...answers, ["set -- await_whole", "3.5\n"], ["set -- copy", "/brick/volume\n"]],
  });
  const system = {
    ...context.system,
    commandLine: (_: string, __: string, command: string) => {
      const options = (/--run .*/.exec(command)?.[0] ?? "").split(" ");
      return ["python3", "torture/guest/writer.py", "--device", file, ...options];
    },
    bytesFrom: async (_: string, mirror: string, command: string) => {
      expect([mirror, command]).toEqual(["mirror-b", expect.stringContaining("dd if=/brick/volume bs=4096 skip=256")]);
      return copyOf(readFileSync(file).subarray(2 ** 20, 2 ** 20 + 3 * 512 * 4096));
    },
  } as Context["system"];
  const cuts = await cutEach(
    { ...context, system },
    [spot],
    half("mirror-a", 11, 12),
    half("mirror-b", 12, 11),
    scratchOf(inventory),
    "kvm-b",
  );
  return { cuts, commands };
}

describe("a cut", () => {
  it("is healed; the other mirror's copy is compared when the primary has let go", async () => {
    const { cuts, commands } = await cutUnder((file) => file);
    expect(cuts).toEqual([
      {
        spot: "gluster",
        cutSeconds: 1,
        stallSeconds: expect.any(Number),
        wholeSeconds: 3.5,
        errors: 0,
        acknowledged: expect.any(Number),
        compared: 1536,
        lost: 0,
        words: "",
      },
    ]);
    expect(cuts[0]?.acknowledged).toBeGreaterThanOrEqual(1536);
    const done = changes(commands).filter((command) => !command.includes("printf"));
    expect(done).toEqual([
      "kvm-b: ip link set cable-repl down",
      "kvm-b: ip link set cable-repl up",
      "mirror-a: await_whole gluster 300",
      "mirror-a: release gluster",
      "mirror-b: copy gluster",
    ]);
  }, 60_000);

  it("of which the other mirror's copy cannot be read says so", async () => {
    const { cuts } = await cutUnder((file) => file, [["set -- copy", new Error("no such pool available")]]);
    expect(cuts).toMatchObject([{ compared: 0, wholeSeconds: null, words: "no such pool available" }]);
  }, 60_000);

  it("shows a copy that lacks acknowledged writes, and one that does not come back", async () => {
    const { cuts } = await cutUnder(
      (file) => Buffer.concat([Buffer.alloc(2 * 4096), file.subarray(2 * 4096)]),
      [["set -- await_whole", new Error("both copies of gluster: not after 300 s")]],
    );
    expect(cuts).toMatchObject([
      { lost: 2, wholeSeconds: null, words: expect.stringMatching(/not after 300 s; lane A: .* was acknowledged/) },
    ]);
  }, 60_000);
});
