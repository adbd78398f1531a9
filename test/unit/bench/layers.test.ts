import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { benchOf } from "../../../bench/benchOf.ts";
import { layerRig } from "../../../bench/layers.ts";
import { scratchOf } from "../../../bench/scratch.ts";
import { type Answers, changes, inventory, playedStack, takenAway } from "./playedStack.ts";

const directory = mkdtempSync(join(tmpdir(), "bench-layers-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** DRBD that is disconnected and connected by command. */
function playedDrbd(disconnects = true): Answers {
  let connection = "Connected";
  const state = (role: string) => () =>
    [0, 3, 4]
      .map(
        (minor) =>
          ` ${minor}: cs:${minor === 4 ? connection : "Connected"} ro:${role}/X ds:UpToDate/UpToDate C\n oos:0\n`,
      )
      .join("");
  return [
    [
      "drbdadm disconnect scratch",
      () => {
        if (disconnects) connection = "StandAlone";
        return "";
      },
    ],
    [
      "drbdadm connect scratch",
      () => {
        connection = "Connected";
        return "";
      },
    ],
    [/^mirror-a: cat \/proc\/drbd/, state("Primary")],
    [/: cat \/proc\/drbd/, state("Secondary")],
  ];
}

const run = (answers: Answers, out: string) =>
  playedStack(`--layers --repetitions 1 --loads write-1m,fsync-4k --out ${join(directory, out)}`, { answers });

describe("layers", () => {
  it("are measured from the disk up; the volume is disconnected for its own part alone", async () => {
    const { context, commands } = run(playedDrbd(), "a.json");
    const { report } = await benchOf(context, layerRig);
    expect(report).toMatchObject({ complete: true, failures: [] });
    expect(report.spots.map(({ name }) => name)).toEqual([
      "disk",
      "drbd-alone",
      "drbd",
      "nbd-local",
      "nbd-network",
      "guest-nbd-virtio",
    ]);
    const done = changes(commands);
    expect(done.slice(0, 11)).toMatchInlineSnapshot(`
      [
        "kvm-a: bench-disks.sh plug 60 mirror-a 268435456 mirror-a scratch",
        "mirror-a: mark /dev/drbd4",
        "app-1: mark nbd-virtio",
        "mirror-a: log_out",
        "mirror-b: log_out",
        "mirror-a: stop",
        "mirror-b: stop",
        "mirror-a: start nbd-server 10.20.0.11 /dev/drbd4 10.20.0.11 10.20.0.12",
        "mirror-a: fio fill on bench-direct-virtio",
        "mirror-a: fio fill on /dev/drbd4",
        "app-1: fio fill on nbd-virtio",
      ]
    `);
    const from = done.indexOf("mirror-a: drbdadm disconnect scratch");
    expect(done.slice(from, from + 4).map((command) => command.replace(/fio \S+/, "fio"))).toEqual([
      "mirror-a: drbdadm disconnect scratch",
      "mirror-a: fio on /dev/drbd4",
      "mirror-a: fio on /dev/drbd4",
      "mirror-a: drbdadm connect scratch",
    ]);
    expect(
      done.filter((command) => command.includes("fio") && command.includes("10899")).toSorted(),
    ).toMatchInlineSnapshot(`
      [
        "mirror-a: fio fsync-4k on nbd://10.20.0.11:10899/bench",
        "mirror-a: fio write-1m on nbd://10.20.0.11:10899/bench",
        "mirror-b: fio fsync-4k on nbd://10.20.0.11:10899/bench",
        "mirror-b: fio write-1m on nbd://10.20.0.11:10899/bench",
      ]
    `);
    expect(done.slice(-takenAway.length)).toEqual(takenAway);
  });

  it("measure nothing as disconnected that is not", async () => {
    const { context } = run(playedDrbd(false), "b.json");
    const { report } = await benchOf(context, layerRig);
    expect(report.failures.map(({ spot }) => spot)).toEqual(["drbd-alone", "drbd-alone"]);
    expect(report.failures[0]?.message).toBe(
      "scratch on mirror-a is Connected and Primary, not StandAlone and Primary",
    );
  });

  it("connect the volume again when a run ends in the middle", async () => {
    const played = run(playedDrbd(), "c.json");
    const disconnected = () => played.commands.some((command) => command.includes("drbdadm disconnect"));
    const { report } = await benchOf({ ...played.context, wanted: () => !disconnected() }, layerRig);
    expect(report.complete).toBe(false);
    expect(played.commands.join("\n")).toContain("drbdadm connect scratch");
  });

  it("begin with the volume connected, where a killed run has left it disconnected", async () => {
    const answers = playedDrbd();
    const played = playedStack("--layers", { answers });
    await played.context.system.onMirror("mirror-a", "drbdadm disconnect scratch");
    await layerRig(played.context);
    const done = changes(played.commands);
    expect(done.slice(0, 2)).toEqual(["mirror-a: drbdadm disconnect scratch", "mirror-a: drbdadm connect scratch"]);
  });

  it("take away what they made when making ready fails", async () => {
    const { context, commands } = run([["--name=fill", new Error("gone")]], "d.json");
    await expect(layerRig(context)).rejects.toThrow("gone");
    expect(changes(commands).at(-1)).toBe("kvm-b: bench-disks.sh off 60 mirror-b keep-running");
  });

  it("refuse a cluster, a stack without a volume to spare, and one with something on it", async () => {
    const failover = { mode: "automatic", operationTimeout: 60 } as const;
    await expect(layerRig(playedStack("--layers", { change: { failover } }).context)).rejects.toThrow(
      "manual failover alone",
    );
    const volumes = inventory.volumes.slice(0, 2);
    await expect(layerRig(playedStack("--layers", { change: { volumes } }).context)).rejects.toThrow(
      "has no volume without exports",
    );
    const full = playedStack("--layers", { answers: [["mark=", "content LVM2_member\n"]] });
    await expect(layerRig(full.context)).rejects.toThrow("repeat with --overwrite scratch");
    expect(changes(full.commands)).toEqual([]);
    expect(scratchOf(inventory).name).toBe("scratch");
  });
});
