import { expect, test } from "vitest";
import { lastLine } from "../../../plugins/libvirt/host/errors.ts";
import { outputOf, statusReader } from "../../../plugins/libvirt/host/outcome.ts";
import { scriptCommand, scriptText } from "../../../plugins/libvirt/host/scriptText.ts";
import { turns } from "../../../plugins/libvirt/host/turns.ts";

test("an error's last line is the one that says something", () => {
  expect(lastLine("error: Failed to define\nerror: XML error: no name\n\n")).toBe("XML error: no name");
  expect(lastLine("10%\r100%\rdone")).toBe("done");
  expect(lastLine("")).toBe("");
});

test("a script is sent with its beginning and the functions it asks for, its document is not", () => {
  const command = scriptCommand({ script: "grow-volume", args: ["default", "a b"], document: "ünique secret" });
  expect(command.slice(0, 7)).toEqual([
    "env",
    "LC_ALL=C",
    "LIBVIRT_DEFAULT_URI=qemu:///system",
    "DOCUMENT_BYTES=14",
    "bash",
    "--norc",
    "-c",
  ]);
  expect(command.slice(8)).toEqual(["grow-volume", "default", "a b"]);
  expect(command.join(" ")).not.toContain("secret");
  const text = scriptText("grow-volume");
  const order = ["kill -TERM 0", "refresh_pool() {", "virsh blockresize"].map((part) => text.indexOf(part));
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(order).not.toContain(-1);
});

const { signal } = new AbortController();
const ended = { code: 0, stdout: "out", stderr: "", outcome: "ended" as const };

test("how a script ended becomes its output or an error in one line", () => {
  const call = { script: "read-network", signal };
  expect(outputOf("kvm-a", call, ended)).toBe("out");
  expect(() =>
    outputOf("kvm-a", call, {
      ...ended,
      code: 1,
      stderr: "error: first\nstatus: passing\nerror: last\nstatus: passing\n",
    }),
  ).toThrow("kvm-a: read-network: last");
  expect(() => outputOf("kvm-a", call, { ...ended, code: 3 })).toThrow(
    "kvm-a: read-network: ended with status 3 and no message",
  );
  expect(() => outputOf("kvm-a", call, { ...ended, code: 254, outcome: "late", stderr: "seen\n" })).toThrow(
    "kvm-a: read-network: no answer within 120 s; last message: seen",
  );
  expect(() => outputOf("kvm-a", { ...call, signal: AbortSignal.abort() }, { ...ended, outcome: "aborted" })).toThrow(
    "kvm-a: read-network: stopped",
  );
});

test("status lines go to the user, others do not", () => {
  const seen: string[] = [];
  const read = statusReader({ script: "x", signal, onStatus: (line) => seen.push(line) });
  for (const line of ["status: copies base", "error: no", "status: done"]) read(line);
  expect(seen).toEqual(["copies base", "done"]);
});

test("turns: never more at a time than there are places, all get one, a failure gives its place back", async () => {
  const inTurn = turns(2);
  let now = 0;
  let most = 0;
  const work = (index: number) => async () => {
    most = Math.max(most, ++now);
    await Promise.resolve();
    now--;
    if (index % 3 === 0) throw new Error(`number ${index}`);
    return index;
  };
  const results = await Promise.allSettled(Array.from({ length: 9 }, (_, index) => inTurn(work(index))));
  expect(results.map(({ status }) => status[0])).toEqual(["r", "f", "f", "r", "f", "f", "r", "f", "f"]);
  expect(most).toBe(2);
});
