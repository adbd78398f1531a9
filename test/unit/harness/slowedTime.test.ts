import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { parseSlowed, slowedTimeOf } from "../../../harness/slowedTime.ts";

const registry = mkdtempSync(join(tmpdir(), "slowed-"));
afterAll(() => rmSync(registry, { recursive: true, force: true }));

it("a lab's note tells the factor, and what a moment of its hosts is by the guests' clock", () => {
  mkdirSync(join(registry, "kvm"));
  writeFileSync(join(registry, "kvm/.slowed"), "10 1795798834\n");
  const { slowness, fromHost } = slowedTimeOf("kvm", registry);
  expect(slowness).toBe(10);
  const at = (text: string): number => Date.parse(`2026-11-27T${text}Z`);
  expect(at("17:00:34")).toBe(1_795_798_834_000);
  expect(fromHost(at("17:00:34"))).toBe(at("17:00:34"));
  expect(fromHost(at("17:32:44.187"))).toBeCloseTo(at("17:03:47.019"), -1);
});

it("time is what it is in a lab without a note, and on real hosts", () => {
  for (const prefix of ["other", undefined]) {
    const { slowness, fromHost } = slowedTimeOf(prefix, registry);
    expect([slowness, fromHost(1_795_800_764_187)]).toEqual([1, 1_795_800_764_187]);
  }
});

it("a damaged note is refused: figures would be in nobody's seconds", () => {
  for (const text of ["", "10", "0.5 1795798834", "10 now"])
    expect(() => parseSlowed(text, "/run/kvm-mirror/kvm/.slowed")).toThrow("/run/kvm-mirror/kvm/.slowed holds no");
});
