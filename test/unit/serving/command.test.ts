import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkResource } from "../../../plugins/serving/check.ts";
import type { Call } from "../../../plugins/serving/resource.ts";
import { Command } from "../../../toolchain/command/command.ts";
import { lineReader } from "../../../toolchain/command/process.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "kvm-mirror-command-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

const lines: string[] = [];
const call = (signal = new AbortController().signal): Call => ({
  urn: "urn:pulumi:s::p::a:b:C$command:local:Command::greeter",
  signal,
  log: async () => {},
  status: async (message) => void lines.push(message),
});
type Inputs = Parameters<typeof Command.create>[1];
const create = (inputs: Partial<Inputs>, signal?: AbortSignal) =>
  Command.create({}, { addPreviousOutputInEnv: true, ...inputs }, call(signal));

test("create runs the command in a shell and keeps what it prints, less one newline", async () => {
  const { id, state } = await create({ create: "echo out; echo; echo err >&2" });
  expect(id).toMatch(/^greeter[0-9a-f]{8}$/);
  expect(state).toMatchObject({ stdout: "out\n", stderr: "err" });
});

test("without a command nothing runs", async () => {
  expect((await create({ update: "exit 1", delete: "exit 1" })).state).toMatchObject({ stdout: "", stderr: "" });
});

test("directory, environment, stdin and interpreter are as given", async () => {
  const { state } = await create({
    create: 'print "$ENV{A} ", `pwd`, <STDIN>',
    interpreter: ["perl", "-e"],
    dir: directory,
    environment: { A: "b c" },
    stdin: "line 1\nline 2",
  });
  expect(state.stdout).toBe(`b c ${directory}\nline 1\nline 2`);
});

test("a command that reads no stdin may leave it", async () => {
  expect((await create({ create: "true", stdin: "x".repeat(1_000_000) })).state.stdout).toBe("");
});

test("output comes line by line as status, as far as it is wanted", async () => {
  const seen = async (logging: Inputs["logging"]): Promise<string[]> => {
    lines.length = 0;
    await create({ create: "echo one; sleep 0.1; echo two >&2", logging });
    return lines.toSorted();
  };
  expect(await seen(undefined)).toEqual(["one", "two"]);
  expect(await seen("stdoutAndStderr")).toEqual(["one", "two"]);
  expect(await seen("stdout")).toEqual(["one"]);
  expect(await seen("stderr")).toEqual(["two"]);
  expect(await seen("none")).toEqual([]);
});

test("a command opens its input and outputs again by name: they are pipes, as under the official plugin", async () => {
  const kinds =
    'for i in 0 1 2; do stat -Lc %F /proc/self/fd/$i; done >/dev/stdout; echo "$(cat /dev/stdin)" >/dev/stderr';
  const { state } = await create({ create: kinds, stdin: "a document" });
  expect(state).toMatchObject({ stdout: "fifo\nfifo\nfifo", stderr: "a document" });
  expect((await create({ create: "readlink /proc/self/fd/0" })).state.stdout).toBe("/dev/null");
});

test("much input and much output at a time come through whole", async () => {
  const stdin = "0123456789abcde\n".repeat(100_000);
  const { state } = await create({ create: "tee /dev/stderr", stdin, logging: "none" });
  expect([state.stdout === stdin.trimEnd(), state.stderr === stdin.trimEnd()]).toEqual([true, true]);
});

test("what is not UTF-8 fails, as under the official plugin, and is no other text afterwards", async () => {
  await expect(create({ create: "printf 'a\\377b'" })).rejects.toThrow("printed on stdout is not UTF-8");
  await expect(create({ create: "printf '\\303' >&2" })).rejects.toThrow("printed on stderr is not UTF-8");
  expect((await create({ create: "printf 'tw\\303\\266'" })).state.stdout).toBe("twö");
});

test("a value of `logging` that does not exist is refused in the preview", () => {
  expect(checkResource(Command, {}, { create: "true", logging: "all" }).failures).toMatchObject([
    { property: "logging" },
  ]);
});

test("a failure tells exit status, command and both outputs", async () => {
  await expect(create({ create: "echo out; echo err >&2; exit 3" })).rejects.toThrow(
    // The streams are two: which comes first is not said.
    /^exit status 3: running "echo out; echo err >&2; exit 3":\n(out\nerr|err\nout)$/,
  );
  await expect(create({ create: "kill -KILL $$" })).rejects.toThrow("signal: SIGKILL: running");
});

test("what cannot be started is named", async () => {
  await expect(create({ create: "true", dir: join(directory, "nowhere") })).rejects.toThrow(
    `the directory ${directory}/nowhere does not exist`,
  );
  await expect(create({ create: "true", interpreter: ["/nowhere/sh"] })).rejects.toThrow("/nowhere/sh");
});

test("update runs update, else create, with the previous output at hand unless it is not wanted", async () => {
  const state = { create: "echo created", addPreviousOutputInEnv: true, stdout: "before", stderr: "warned" };
  const olds = { inputs: state, state };
  const show = 'echo "$PULUMI_COMMAND_STDOUT/$PULUMI_COMMAND_STDERR"';
  const update = (news: Partial<Inputs>) =>
    Command.update({}, "id", olds, { addPreviousOutputInEnv: true, ...news }, call());
  expect(await update({ update: show })).toMatchObject({ stdout: "before/warned" });
  expect(await update({ update: show, addPreviousOutputInEnv: false })).toMatchObject({ stdout: "/" });
  expect(await update({ create: show })).toMatchObject({ stdout: "before/warned", stderr: "" });
  expect(await update({ delete: "true" })).toMatchObject({ stdout: "before", stderr: "warned" });
});

test("delete runs with the last output; its failure is a failure", async () => {
  const state = { addPreviousOutputInEnv: true, stdout: "kept", stderr: "" };
  await expect(
    Command.delete({}, "id", { ...state, delete: '[ "$PULUMI_COMMAND_STDOUT" = kept ]' }, call()),
  ).resolves.toBeUndefined();
  await expect(Command.delete({}, "id", { ...state, delete: "exit 4" }, call())).rejects.toThrow("exit status 4");
  await expect(Command.delete({}, "id", state, call())).resolves.toBeUndefined();
});

test("an abort ends the command and what it started, even what ignores the first signal", async () => {
  const started = Date.now();
  await expect(
    create({ create: "trap '' TERM; (sleep 60)& echo begun; wait; sleep 60" }, AbortSignal.timeout(300)),
  ).rejects.toThrow(/^cancelled \(signal: SIGKILL\): running .*\nbegun$/s);
  expect(Date.now() - started).toBeLessThan(20_000);
});

test("a preview says which outputs will change", () => {
  const olds = { addPreviousOutputInEnv: true, create: "true", stdout: "a", stderr: "b" };
  expect(Command.preview?.({ create: "true" }, undefined)).toEqual({ stdout: undefined, stderr: undefined });
  expect(Command.preview?.({ update: "true" }, undefined)).toEqual({ stdout: "", stderr: "" });
  expect(Command.preview?.({ update: "true" }, olds)).toEqual({ stdout: undefined, stderr: undefined });
  expect(Command.preview?.({ delete: "true" }, olds)).toEqual({ stdout: "a", stderr: "b" });
});

test("lines are put together from chunks, also where a chunk ends inside a character", () => {
  const seen: string[] = [];
  const reader = lineReader((line) => seen.push(line));
  const bytes = Buffer.from("one\ntwö\nthree");
  for (const byte of bytes) reader.push(Buffer.from([byte]));
  reader.end();
  expect(seen).toEqual(["one", "twö", "three"]);
});
