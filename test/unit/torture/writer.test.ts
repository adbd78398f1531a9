/**
 * The real writer on a file: its blocks are what the checker expects, its story holds, and damage
 * done to the file is found. Needs python3 and a file system with O_DIRECT.
 */
import { spawn, spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { checkImage } from "../../../torture/oracle/check.ts";
import { History } from "../../../torture/oracle/history.ts";
import { parseRecord, type Record } from "../../../torture/oracle/records.ts";
import { directDirectory } from "./directDirectory.ts";

const writer = fileURLToPath(new URL("../../../torture/guest/writer.py", import.meta.url));
const inDirectory = directDirectory();

const disk = (): string => {
  const path = inDirectory("disk");
  writeFileSync(path, "");
  truncateSync(path, 1 << 20);
  return path;
};

it("tells the truth: what it says is what is on the disk, before and after a pause", async () => {
  const path = disk();
  const child = spawn(
    "python3",
    [
      writer,
      "--device",
      path,
      "--run",
      "9",
      "--seed",
      "1",
      "--blocks",
      "64",
      "--first",
      "8",
      "--depth",
      "2",
      "--flush-every",
      "8",
      "--pause-ms",
      "0",
    ],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const history = new History();
  const kinds: Record["kind"][] = [];
  const lanes = new Set<number>();
  const checks: ReturnType<typeof checkImage>[] = [];
  let acks = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const record = parseRecord(line);
    history.add(record);
    if (record.kind === "ack") {
      lanes.add(record.lane);
      if (++acks === 600) child.stdin.write("pause\n");
      if (acks === 1200) child.stdin.end("stop\n");
    } else if (record.kind !== "invoke") kinds.push(record.kind);
    if (record.kind === "paused") {
      checks.push(checkImage(history, 9, 0, readFileSync(path)));
      child.stdin.write("resume\n");
    }
  }
  checks.push(checkImage(history, 9, 0, readFileSync(path)));
  expect(kinds).toEqual(["hello", "paused", "resumed", "stopped"]);
  expect([...lanes].sort()).toEqual([0, 1, 2]);
  expect(checks).toEqual([
    { blocks: 256, violations: [] },
    { blocks: 256, violations: [] },
  ]);
  const sector = openSync(path, "r+");
  writeSync(sector, Buffer.alloc(512), 0, 512, 8 * 4096 + 1024);
  writeSync(sector, Buffer.alloc(4096), 0, 4096, 100 * 4096);
  closeSync(sector);
  expect(checkImage(history, 9, 0, readFileSync(path)).violations.map(({ kind, lba }) => `${kind} ${lba}`)).toEqual([
    "torn 8",
    "lost 100",
  ]);
});

it("ends when its input ends, and refuses a disk that is too small", () => {
  const path = disk();
  const ended = spawnSync("python3", [writer, "--device", path, "--run", "9", "--seed", "1", "--blocks", "64"], {
    input: "",
    encoding: "utf8",
  });
  expect([ended.status, ended.stdout.trim().split("\n").at(-1)]).toEqual([0, expect.stringMatching(/^s /)]);
  const refused = spawnSync("python3", [writer, "--device", path, "--run", "9", "--seed", "1", "--blocks", "128"], {
    input: "",
    encoding: "utf8",
  });
  expect([refused.status, refused.stderr]).toEqual([
    2,
    expect.stringContaining("too few for three lanes of 128 blocks"),
  ]);
});
