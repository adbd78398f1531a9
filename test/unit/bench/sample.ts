import type { Report, Sample } from "../../../bench/report/report.ts";

export const sampleOf = (
  load: string,
  spot: string,
  requestsPerSecond: number,
  repetition = 1,
  size = 4096,
): Sample => ({
  repetition,
  load,
  spot,
  bytesPerSecond: requestsPerSecond * size,
  requestsPerSecond,
  requestMicros: 1e6 / requestsPerSecond,
  p99Micros: 3e6 / requestsPerSecond,
});

/** Two loads on a disk by NBD and on Direct, three repetitions; in the last one Direct's writes failed. */
export const disks: Report = {
  version: 1,
  part: "disks",
  stack: "lab-bench",
  seed: 7,
  started: "2026-11-27T10:00:00.000Z",
  ended: "2026-11-27T11:00:00.000Z",
  complete: true,
  machine: { guests: "qemu", processor: "EPYC", processors: 2, qemu: "7.2.22" },
  slow: 1,
  diskSpeed: null,
  seconds: 5,
  region: 254 * 2 ** 20,
  repetitions: 3,
  loads: ["write-1m", "fsync-4k"],
  spots: [
    { name: "nbd-virtio", title: "NBD virtio", base: "direct-virtio", above: null },
    { name: "direct-virtio", title: "Direct virtio", base: null, above: null },
  ],
  samples: [
    ...[100, 120, 110].map((rate, index) => sampleOf("write-1m", "nbd-virtio", rate, index + 1, 1e6)),
    ...[200, 200].map((rate, index) => sampleOf("write-1m", "direct-virtio", rate, index + 1, 1e6)),
    sampleOf("fsync-4k", "nbd-virtio", 500),
    sampleOf("fsync-4k", "direct-virtio", 400),
  ],
  failures: [{ repetition: 3, load: "write-1m", spot: "direct-virtio", message: "app-1: exit status 255" }],
  cuts: [],
};

const cutOf = (spot: string, wholeSeconds: number | null, lost: number, words: string): Report["cuts"][number] => ({
  spot,
  cutSeconds: 20,
  stallSeconds: 8.5,
  wholeSeconds,
  errors: 0,
  acknowledged: 3421,
  compared: 1536,
  lost,
  words,
});

/** Two of five alternatives, of which one comes back whole and the other does not. */
export const alternatives: Report = {
  ...disks,
  part: "alternatives",
  repetitions: 1,
  loads: ["fsync-4k", "write-1m"],
  spots: [
    { name: "disk", title: "a disk alone", base: null, above: null },
    { name: "drbd", title: "DRBD on the disk", base: "disk", above: null },
    { name: "gluster", title: "Gluster on ZFS", base: "disk", above: null },
  ],
  samples: [
    sampleOf("fsync-4k", "disk", 500),
    sampleOf("fsync-4k", "drbd", 100),
    sampleOf("write-1m", "disk", 400, 1, 1e6),
    sampleOf("write-1m", "drbd", 40, 1, 1e6),
  ],
  failures: [],
  cuts: [cutOf("drbd", 5.2, 0, ""), cutOf("gluster", null, 2, "both copies of gluster: not after 300 s")],
};

/** One load of each sort on three layers. */
export const layers: Report = {
  ...disks,
  part: "layers",
  repetitions: 1,
  loads: ["randwrite-4k-1", "write-1m"],
  spots: [
    { name: "disk", title: "bare disk in the mirror", base: null, above: null },
    { name: "drbd", title: "DRBD, connected", base: "disk", above: "disk" },
    { name: "nbd-local", title: "NBD, same mirror", base: "disk", above: "drbd" },
  ],
  samples: [
    sampleOf("randwrite-4k-1", "disk", 10_000),
    sampleOf("randwrite-4k-1", "drbd", 2_500),
    sampleOf("randwrite-4k-1", "nbd-local", 2_000),
    sampleOf("write-1m", "disk", 400, 1, 1e6),
    sampleOf("write-1m", "drbd", 300, 1, 1e6),
  ],
  failures: [],
};
