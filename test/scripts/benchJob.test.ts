/** The commands that bench runs in machines, with a real fio and a real nbd-server, on a loop device. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseFio } from "../../bench/fio.ts";
import { fillCommand, jobCommand, stopCommand as stopJob } from "../../bench/jobCommand.ts";
import { loadsNamed } from "../../bench/loads.ts";
import {
  lacksCommand,
  nbdServer,
  type Server,
  servers,
  startCommand,
  stopCommand,
  targetOf,
} from "../../bench/servers.ts";
import type { Target } from "../../bench/spot.ts";
import { renderNbdConfig } from "../../src/render/exports/nbd/nbdConfig.ts";
import { Machine } from "./machine.ts";

const address = "10.20.0.11";
const region = 8 << 20;
let machine: Machine;
let device: string;
beforeAll(async () => {
  machine = await Machine.start();
  device = machine.disk("bench", 16);
  machine.ok(`ip address add ${address}/32 dev lo`);
});
afterAll(() => machine?.stop());

const load = (name: string) => loadsNamed([name])[0] as ReturnType<typeof loadsNamed>[number];
const run = (target: Target, name: string) => {
  const { status, stdout, stderr } = machine.sh(jobCommand(target, load(name), { seconds: 1, region, seed: 1 }));
  expect(status, stderr).toBe(0);
  return parseFio(stdout, load(name));
};

describe("on a disk", () => {
  test.each(["fsync-4k", "read-1m", "read-512-cached", "randwrite-4k-32"])("%s is measured", (name) => {
    const { bytesPerSecond, requestsPerSecond, requestMicros } = run({ kind: "device", path: device }, name);
    expect(bytesPerSecond / requestsPerSecond / load(name).blockSize).toBeCloseTo(1, 1);
    expect(requestMicros).toBeGreaterThan(0);
  });

  test("whose name has colons, as those of iSCSI, is found", () => {
    machine.ok(`ln -sfn ${device} /tmp/ip-10.20.0.11:10896-lun-1`);
    expect(run({ kind: "device", path: "/tmp/ip-10.20.0.11:10896-lun-1" }, "fsync-4k").bytesPerSecond).toBeGreaterThan(
      0,
    );
  });

  test("both ends stay as they are", () => {
    machine.ok(`dd if=/dev/zero of=${device} bs=1M count=16 conv=notrunc,fsync status=none`);
    machine.ok(fillCommand({ kind: "device", path: device }, region));
    const zeros = (at: number) =>
      machine.sh(`dd if=${device} bs=1M skip=${at} count=1 status=none | cmp -s -n 1048576 - /dev/zero`).status;
    expect([0, 1, 8, 9, 15].map(zeros)).toEqual([0, 1, 1, 0, 0]);
  });

  test("a job that runs is ended, and no other process", () => {
    machine.ok(stopJob);
    machine.ok("sleep 60 >/dev/null 2>&1 & echo $! >/run/kvm-mirror-bench.pid; echo $! >/run/other.pid");
    machine.ok(`${stopJob}; kill $(cat /run/other.pid)`);
    machine.ok("rm /run/kvm-mirror-bench.pid");
    const long = jobCommand({ kind: "device", path: device }, load("write-1m"), { seconds: 90, region, seed: 1 });
    // It is at work when it has made the process that does the work.
    const atWork = '[ -n "$(ps -o pid= --ppid "$(cat /run/kvm-mirror-bench.pid)" 2>/dev/null)" ]';
    machine.ok(
      `(${long}) >/run/fio.json 2>&1 & for i in $(seq 200); do ${atWork} && break; sleep 0.1; done; ` +
        `(${stopJob}); wait`,
    );
    // Ended early, it says what it has all the same.
    const { jobs } = JSON.parse(machine.ok("sed -n '/^{/,$p' /run/fio.json"));
    expect(jobs[0].job_runtime).toBeLessThan(90_000);
  });
});

describe("a server of bench", () => {
  const mirrors = [address];
  const able = servers.filter(({ lun }) => lun === undefined);
  beforeAll(() => {
    machine.play("systemd-run", 'while [[ $1 == --* ]]; do shift; done\n"$@" >/run/server.log 2>&1 &\n');
    machine.ok(`chgrp disk ${device}; chmod 660 ${device}`);
  });

  test("with the stock NBD server has the settings of exports", () => {
    const group = { name: "main", exports: { vip: "10.20.0.10", ports: { nbd: 10_809, iscsi: 3260 } } };
    const volume = { name: "r0", device: "/dev/drbd0", exports: { nbd: { name: "r0" } } };
    const settings = (text: string) =>
      text.match(/^(readonly|sync|flush|fua|trim|user|group|allowlist|max_threads) = .*$/gm);
    machine.ok(startCommand(nbdServer, address, device, mirrors));
    expect(settings(machine.ok("cat /run/kvm-mirror-bench/nbd.conf"))).toEqual(
      settings(renderNbdConfig(group as never, [volume as never])),
    );
    machine.ok("pkill -x nbd-server");
    machine.ok(stopCommand);
  });

  test("by tgt is write-through as exports are", () => {
    const page = (file: string) => /mode_page=\S+/.exec(readFileSync(file, "utf8"))?.[0];
    const here = join(import.meta.dirname, "../..");
    const exported = page(`${here}/scripts/guest/exports/lib/target-file.sh`);
    expect(exported).toBeDefined();
    expect(page(`${here}/bench/guest/servers.sh`)).toBe(exported);
  });

  test.each(able)("$title serves the device to fio, and is gone afterwards", (server) => {
    expect(machine.ok(lacksCommand(server))).toBe("");
    machine.ok(startCommand(server, address, device, mirrors));
    expect(run(targetOf(server, address), "fsync-4k").requestsPerSecond).toBeGreaterThan(0);
    machine.ok(`pkill -x ${server.name}`);
    machine.ok(stopCommand);
    expect(machine.sh("ls /run/kvm-mirror-bench").status).not.toBe(0);
  });

  test("that cannot run says what is missing", () => {
    machine.play("modprobe", "exit 1");
    const lio = servers.find(({ name }) => name === "lio") as Server;
    expect(machine.ok(lacksCommand(lio))).toBe("a kernel with target_core_iblock and iscsi_target_mod");
  });
});
