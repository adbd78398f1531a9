import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseFio } from "../../../bench/fio.ts";
import { fillCommand, jobCommand, stopCommand } from "../../../bench/jobCommand.ts";
import { loadsNamed } from "../../../bench/loads.ts";

/** Recorded of fio 3.33 (Debian 12) on a file; its histograms are left out. */
const recorded = (name: string): string => readFileSync(new URL(`./recorded/${name}.json`, import.meta.url), "utf8");
const load = (name: string) => loadsNamed([name])[0] as ReturnType<typeof loadsNamed>[number];

describe("fio's report", () => {
  it("of random writes", () => {
    expect(parseFio(recorded("randwrite-4k-32"), load("randwrite-4k-32"))).toMatchInlineSnapshot(`
      {
        "bytesPerSecond": 2765709,
        "p99Micros": 204472.32,
        "requestMicros": 46006.281027778,
        "requestsPerSecond": 675.222113,
      }
    `);
  });

  it("of writes with fsync: the time of both, and the slowest fsyncs", () => {
    expect(parseFio(recorded("fsync-4k"), load("fsync-4k"))).toMatchInlineSnapshot(`
      {
        "bytesPerSecond": 350852,
        "p99Micros": 60030.976,
        "requestMicros": 15522.327569768,
        "requestsPerSecond": 85.657371,
      }
    `);
  });

  it("is found behind fio's other words", () => {
    const text = `fio: connected to NBD server\nnote: {\n${recorded("fsync-4k")}`;
    expect(parseFio(text, load("fsync-4k"))).toEqual(parseFio(recorded("fsync-4k"), load("fsync-4k")));
  });

  it.each([
    ["nothing", "", "fio's report is no JSON"],
    ["words alone", "fio: unknown option", "fio's report is no JSON (Unexpected token"],
    ["JSON that is no report", "{}", "fio's report is not understood"],
    ["an error", recorded("fsync-4k").replace('"error": 0', '"error": 5'), "fio ended with error 5"],
  ])("is refused: %s", (_, text, words) => {
    expect(() => parseFio(text, load("fsync-4k"))).toThrow(words);
  });

  it("is refused when no request of the load was done, or no fsync", () => {
    expect(() => parseFio(recorded("fsync-4k"), load("read-1m"))).toThrow("finished no request of 1 MiB reads");
    expect(() => parseFio(recorded("randwrite-4k-32"), load("fsync-4k"))).toThrow("called no fsync");
  });
});

/** A command, a line for each of its parts. */
const lines = (command: string): string => command.replaceAll(/; | (?=--)/g, "\n");

describe("the command of a load", () => {
  const settings = { seconds: 5, region: 254 << 20, seed: 7 };

  it("finds a guest's disk by its serial, and ends where there is none", () => {
    expect(lines(jobCommand({ kind: "serial", serial: "r0" }, load("write-512"), settings))).toMatchInlineSnapshot(`
      "set -e
      disk=/dev/$(lsblk -dnro NAME,SERIAL | awk -v serial=r0 '$2 == serial { print $1
      exit }')
      test -b "$disk" || { echo "there is no disk with serial r0" >&2
      exit 1
      }
      disk=$(readlink -f "$disk")
      echo $BASHPID >/run/kvm-mirror-bench.pid
      exec fio
      --ioengine=libaio
      --direct=1
      --filename="$disk"
      --name=write-512
      --rw=write
      --bs=512
      --iodepth=1
      --offset=1048576
      --size=266338304
      --runtime=5
      --time_based
      --randseed=7
      --output-format=json
      --eta=never"
    `);
  });

  it("reads no block twice: a read is not repeated until its time is over", () => {
    const target = { kind: "device", path: "/dev/drbd0" } as const;
    expect(jobCommand(target, load("randread-4k-32"), settings)).not.toContain("time_based");
    expect(jobCommand(target, load("read-512-cached"), settings)).toContain(
      "--ioengine=psync --direct=0 --invalidate=1",
    );
  });

  it("opens an export itself", () => {
    const target = { kind: "nbd", uri: "nbd://10.20.0.11:10899/bench" } as const;
    expect(lines(jobCommand(target, load("fsync-4k"), settings))).toMatchInlineSnapshot(`
      "set -e
      echo $BASHPID >/run/kvm-mirror-bench.pid
      exec fio
      --ioengine=nbd
      --uri=nbd://10.20.0.11:10899/bench
      --name=fsync-4k
      --rw=write
      --bs=4096
      --iodepth=1
      --offset=1048576
      --size=266338304
      --runtime=5
      --time_based
      --fsync=1
      --randseed=7
      --output-format=json
      --eta=never"
    `);
    expect(fillCommand(target, settings.region)).toContain("--rw=write --bs=1048576");
  });

  it("can be ended", () => expect(stopCommand).toContain('kill -INT "$pid"'));
});

it("a load that there is not is refused, with those that there are", () => {
  expect(() => loadsNamed(["read-1m", "read-2m"])).toThrow("there is no load read-2m; there are: read-512-cached,");
});
