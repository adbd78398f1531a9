import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { benchOf } from "../../../bench/benchOf.ts";
import { serverRig } from "../../../bench/serverRig.ts";
import { type Answers, changes, playedStack, takenAway } from "./playedStack.ts";

const directory = mkdtempSync(join(tmpdir(), "bench-servers-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const run = (out: string, answers: Answers = []) =>
  playedStack(`--servers --repetitions 1 --loads write-1m --out ${join(directory, out)}`, { answers });

describe("servers", () => {
  it("are measured from the standby, over the same volume, and taken away, initiators first", async () => {
    const { context, commands } = run("a.json");
    const { report } = await benchOf(context, serverRig);
    expect(report).toMatchObject({ part: "servers", complete: true, failures: [] });
    expect(report.spots.map(({ name, base }) => [name, base])).toEqual([
      ["drbd", null],
      ...["nbd-server", "nbdkit", "qemu-nbd", "tgt", "lio"].map((name) => [name, "drbd"]),
    ]);
    const done = changes(commands);
    const from = done.indexOf("mirror-a: mark /dev/drbd4");
    expect(done.slice(from, from + 9)).toMatchInlineSnapshot(`
      [
        "mirror-a: mark /dev/drbd4",
        "mirror-a: start nbd-server 10.20.0.11 /dev/drbd4 10.20.0.11 10.20.0.12",
        "mirror-a: start nbdkit 10.20.0.11 /dev/drbd4 10.20.0.11 10.20.0.12",
        "mirror-a: start qemu-nbd 10.20.0.11 /dev/drbd4 10.20.0.11 10.20.0.12",
        "mirror-a: start tgt 10.20.0.11 /dev/drbd4 10.20.0.11 10.20.0.12",
        "mirror-b: log_in 10.20.0.11:10896 iqn.2026-11.kvm-mirror.bench:tgt 1",
        "mirror-a: start lio 10.20.0.11 /dev/drbd4 10.20.0.11 10.20.0.12",
        "mirror-b: log_in 10.20.0.11:10895 iqn.2026-11.kvm-mirror.bench:lio 0",
        "mirror-a: fio fill on /dev/drbd4",
      ]
    `);
    expect(done.filter((command) => command.includes("fio write-1m")).toSorted()).toMatchInlineSnapshot(`
      [
        "mirror-a: fio write-1m on /dev/drbd4",
        "mirror-b: fio write-1m on /dev/disk/by-path/ip-10.20.0.11:10895-iscsi-iqn.2026-11.kvm-mirror.bench:lio-lun-0",
        "mirror-b: fio write-1m on /dev/disk/by-path/ip-10.20.0.11:10896-iscsi-iqn.2026-11.kvm-mirror.bench:tgt-lun-1",
        "mirror-b: fio write-1m on nbd://10.20.0.11:10897/bench",
        "mirror-b: fio write-1m on nbd://10.20.0.11:10898/bench",
        "mirror-b: fio write-1m on nbd://10.20.0.11:10899/bench",
      ]
    `);
    expect(done.slice(-takenAway.length)).toEqual(takenAway);
  });

  it("that a mirror cannot run are left out, with what it lacks", async () => {
    const played = run("b.json", [
      ["set -- lacks nbdkit", "the package nbdkit\n"],
      [/^mirror-a: set -- lacks lio/, "a kernel with iscsi_target_mod\n"],
      [/^mirror-b: set -- lacks\n/, "the package open-iscsi\n"],
    ]);
    const { report } = await benchOf(played.context, serverRig);
    expect(report.spots.map(({ name }) => name)).toEqual(["drbd", "nbd-server", "qemu-nbd"]);
    expect(played.said).toContain("nbdkit is left out: mirror-a lacks the package nbdkit");
    expect(played.said).toContain("tgt is left out: mirror-b lacks the package open-iscsi");
    expect(played.said).toContain(
      "LIO is left out: mirror-a lacks a kernel with iscsi_target_mod, mirror-b lacks the package open-iscsi",
    );
    const none = run("c.json", [["set -- lacks", "the package x\n"]]);
    await expect(serverRig(none.context)).rejects.toThrow("there is nothing to compare");
    expect(changes(none.commands)).toEqual([]);
  });

  it("change nothing where something is on the volume", async () => {
    const full = run("d.json", [["mark=", "content LVM2_member\n"]]);
    await expect(serverRig(full.context)).rejects.toThrow("repeat with --overwrite scratch");
    expect(changes(full.commands)).toEqual([]);
  });

  it("are taken away when one of them does not start", async () => {
    const { context, commands } = run("e.json", [["set -- start tgt", new Error("tgt does not answer")]]);
    await expect(serverRig(context)).rejects.toThrow("tgt does not answer");
    expect(changes(commands).at(-1)).toBe("kvm-b: bench-disks.sh off 60 mirror-b keep-running");
  });
});
