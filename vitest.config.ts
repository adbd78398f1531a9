import { defineConfig } from "vitest/config";

/** Test files that run at the same time: most of scripts/ wait for something. */
const maxWorkers = 4;

/**
 * One project a kind of test, from what needs nothing to what needs two
 * hosts; test/run.sh provides what each one needs.
 */
export default defineConfig({
  test: {
    projects: [
      // A time-out is for what hangs, on the busiest machine: no test is about speed.
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"], testTimeout: 60_000, maxWorkers } },
      {
        test: {
          name: "scripts",
          include: ["test/scripts/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers,
        },
      },
      {
        test: {
          name: "graph",
          include: ["test/graph/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers,
        },
      },
      {
        test: {
          name: "engine",
          include: ["test/engine/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 1_200_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "libvirt",
          include: ["test/libvirt/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "lab",
          include: ["test/lab/**/*.test.ts"],
          testTimeout: 1_800_000,
          hookTimeout: 3_600_000,
          fileParallelism: false,
          sequence: { concurrent: false },
        },
      },
    ],
  },
});
