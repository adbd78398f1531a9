/**
 * The client's other disks, with the real reader on files: one that
 * does not answer, or answers with an error, is found.
 */
import { closeSync, openSync, truncateSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import type { InventoryClient, InventoryClientDisk, InventoryVolume } from "../../../src/inventory/inventory.ts";
import { Bystanders } from "../../../torture/bystanders.ts";
import type { System } from "../../../harness/system.ts";
import { directDirectory } from "./directDirectory.ts";

const reader = fileURLToPath(new URL("../../../torture/guest/reader.py", import.meta.url));
const inDirectory = directDirectory();

function file(size: number): string {
  const path = inDirectory(`${size}`);
  closeSync(openSync(path, "w"));
  truncateSync(path, size);
  return path;
}

/** The other disks of a client with so many disks; each of them is read by this command. */
function bystanders(command: readonly string[], disks = 2): Promise<Bystanders> {
  const all = ["r0", "r1", "r2"]
    .slice(0, disks)
    .map((volume) => ({ volume, protocol: "iscsi", serial: volume }) as InventoryClientDisk);
  const client = { name: "app-1", disks: all } as unknown as InventoryClient;
  const system = { onClient: async () => "", commandLine: () => command } as unknown as System;
  return Bystanders.of(system, { client, disk: all[0] as InventoryClientDisk, volume: {} as InventoryVolume }, "");
}

it("reads until the end is wanted, and says how long the longest read took", async () => {
  const others = await bystanders(["python3", reader, "--device", file(1 << 20)], 3);
  await others.read(20);
  const [audit, ...rest] = await others.judge(20);
  expect([audit?.passed, rest]).toEqual([true, []]);
  expect(audit?.detail).toMatch(/^r1 by iscsi, being read: \d+ reads, the longest [\d.]+ s; r2 by iscsi, being read: /);
});

it.each<[string, () => readonly string[], RegExp]>([
  ["does not answer", () => ["sleep", "60"], /idle: no answer within 0\.2 s$/],
  ["has no device", () => ["python3", reader, "--device", inDirectory("nothing")], /No such file/],
  ["is too small to be one", () => ["python3", reader, "--device", file(512)], /smaller than 262144 bytes/],
])("finds a disk that %s", async (_, command, detail) => {
  const audits = await (await bystanders(command())).judge(command()[0] === "sleep" ? 0.2 : 20);
  expect(audits.map(({ passed }) => passed)).toEqual([false]);
  expect(audits[0]?.detail).toMatch(detail);
});

it("does not begin a kill beside a disk that cannot be read", async () => {
  const others = await bystanders(["sleep", "60"]);
  await expect(others.read(0.2)).rejects.toThrow(
    "not within 0.2 s: the client's other disks are read; seen last: nothing read yet",
  );
  others.abandon();
});

it("judges nothing of a client with one disk", async () => {
  expect(await (await bystanders(["false"], 1)).judge(1)).toEqual([]);
});
