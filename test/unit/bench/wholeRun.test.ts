import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { benchOf } from "../../../bench/benchOf.ts";
import { cleanUp } from "../../../bench/cleanUp.ts";
import { diskRig } from "../../../bench/disks.ts";
import { parseSlowed } from "../../../harness/slowedTime.ts";
import { parseReport } from "../../../bench/report/report.ts";
import { changes, playedStack, takenAway } from "./playedStack.ts";

const directory = mkdtempSync(join(tmpdir(), "bench-disks-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("a whole run", () => {
  it("empties the mirrors' caches before reads, leaves a report, and takes everything away", async () => {
    const out = join(directory, "whole.json");
    const { context, commands } = playedStack(
      `--restart-client --repetitions 2 --loads read-1m,write-1m --seed 4 --out ${out}`,
    );
    const { report, files } = await benchOf(context, diskRig);
    expect(report).toMatchObject({ complete: true, failures: [], part: "disks", machine: { guests: "qemu" } });
    expect(report.samples).toHaveLength(16);
    expect(parseReport(readFileSync(out, "utf8"), out)).toEqual(report);
    expect(files.every((file) => existsSync(file))).toBe(true);
    expect(commands.at(-2)).toBe("kvm-a: bench-disks.sh off 600 app-1");
    const jobs = commands.filter((command) => /drop_caches|--name=read-1m/.test(command));
    for (const [index, job] of jobs.entries())
      if (job.includes("--name=read-1m"))
        expect(jobs.slice(index - 2, index).toSorted()).toEqual(
          ["a", "b"].map((letter) => `mirror-${letter}: sync; echo 3 >/proc/sys/vm/drop_caches`),
        );
  });

  it("that somebody ends keeps what it has, and takes everything away", async () => {
    const out = join(directory, "ended.json");
    const played = playedStack(`--restart-client --loads write-1m,fsync-4k --out ${out}`);
    const jobs = () => played.commands.filter((command) => /--name=(write-1m|fsync-4k)/.test(command)).length;
    const { report } = await benchOf({ ...played.context, wanted: () => jobs() < 4 }, diskRig);
    expect(report.complete).toBe(false);
    expect(report.samples).toHaveLength(3);
    expect(played.commands.at(-2)).toBe("kvm-a: bench-disks.sh off 600 app-1");
    expect(parseReport(readFileSync(out, "utf8"), out).samples).toHaveLength(3);
  });
});

describe("--disk-speed", () => {
  const held = (commands: readonly string[]) => commands.filter((command) => command.includes("bench-hold.sh"));
  const options = "--restart-client --disk-speed 339,40000 --repetitions 1 --loads write-1m";

  it("holds data disks and Direct to the same speed, by the clock of QEMU and guests, and lets go", async () => {
    const out = join(directory, "held.json");
    const { context, commands } = playedStack(`${options} --out ${out}`);
    const tenTimes = parseSlowed("10 0", "a note");
    const { report } = await benchOf({ ...context, system: { ...context.system, time: tenTimes } }, diskRig);
    expect(report).toMatchObject({ slow: 10, diskSpeed: { bytesPerSecond: 339e6, requestsPerSecond: 40_000 } });
    expect(held(commands)).toEqual([
      "kvm-a: bench-hold.sh hold mirror-a 339000000 40000 nbd-virtio iscsi-sata",
      "kvm-b: bench-hold.sh hold mirror-b 339000000 40000 nbd-virtio iscsi-sata",
      "kvm-a: bench-hold.sh hold app-1 339000000 40000 bench-direct-virtio bench-direct-sata",
      "kvm-a: bench-hold.sh let-go mirror-a",
      "kvm-b: bench-hold.sh let-go mirror-b",
      "kvm-a: bench-hold.sh let-go app-1",
    ]);
  });

  it("takes Direct disks away also where a limit cannot be taken away", async () => {
    const { context, commands } = playedStack(`${options} --out ${join(directory, "kept.json")}`, {
      answers: [["bench-hold.sh let-go", new Error("libvirt does not answer")]],
    });
    await expect(benchOf(context, diskRig)).rejects.toThrow("libvirt does not answer");
    expect(changes(commands).at(-1)).toBe("kvm-a: bench-disks.sh off 600 app-1");
  });
});

describe("--clean-up", () => {
  it("takes away what a killed run left, and goes on where something fails", async () => {
    const { context, commands } = playedStack("--clean-up", {
      answers: [["bench-disks.sh off 60 mirror-a", new Error("the guest does not let go")]],
    });
    await expect(cleanUp(context)).rejects.toThrow("the guest does not let go");
    expect(changes(commands)).toContain("kvm-b: bench-hold.sh let-go mirror-b");
    const whole = playedStack("--clean-up");
    await cleanUp(whole.context);
    expect(changes(whole.commands)).toEqual([
      "kvm-a: bench-hold.sh let-go mirror-a",
      "kvm-b: bench-hold.sh let-go mirror-b",
      "kvm-a: bench-hold.sh let-go app-1",
      "kvm-a: bench-disks.sh off 600 app-1",
      ...takenAway,
    ]);
  });
});
