import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { run } from "../../../harness/run.ts";

const directory = mkdtempSync(join(tmpdir(), "harness-run-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it("tells what a program said, and how it ended", async () => {
  expect(await run(["bash", "-c", "echo out; echo err >&2; exit 3"], 20)).toMatchObject({
    status: 3,
    stdout: "out\n",
    output: expect.stringContaining("err\n"),
  });
});

it("waits no longer than it was told, also while another process holds the program's output", async () => {
  const ended = join(directory, "ended");
  const done = await run(["bash", "-c", `echo begun; (sleep 5; touch ${ended}) & wait`], 1);
  expect(existsSync(ended)).toBe(false);
  expect(done).toMatchObject({ status: 124, output: "begun\n\nended after 1 s without an answer" });
});
