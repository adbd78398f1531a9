/** What `kvm-mirror check` sees of scripts at work: the processes of a machine, real ones. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { scriptsAtWork } from "../../src/operate/decide/scriptsAtWork.ts";
import { ProcessSchema } from "../../src/operate/observe/atWork.ts";
import { Machine } from "./machine.ts";

const repository = resolve(import.meta.dirname, "../..");
let machine: Machine;

/** Scripts of every place, which wait at a pipe until they are told to end. */
beforeAll(async () => {
  machine = await Machine.start();
  machine.ok(`mkdir -p /usr/local/lib/kvm-mirror-0123456789abcdef /clone/scripts/operator /tmp/host
    ln -s kvm-mirror-0123456789abcdef /usr/local/lib/kvm-mirror && mkfifo /run/end
    for script in /usr/local/lib/kvm-mirror/drbd-grow.sh /clone/scripts/operator/first-sync.sh /tmp/host/attach-disk.sh; do
      printf '#!/usr/bin/env bash\\necho >"/run/$(basename "$0").begun"\\nread -r _ </run/end\\n' >$script
      chmod 755 $script
    done`);
});
afterAll(() => machine?.stop());

const atWork = (place: "guest" | "host") => {
  const { status, stdout, stderr } = machine.sh(`bash ${repository}/scripts/${place}/at-work.sh`);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return z.array(ProcessSchema).parse(JSON.parse(stdout));
};
/** Begins one, by a shell that is killed at once. */
const leave = (script: string, command: string) =>
  machine.ok(`rm -f /run/${script}.begun; setsid bash -c '${command} & wait' >/dev/null 2>&1 </dev/null & shell=$!
    for i in $(seq 300); do [ -e /run/${script}.begun ] && break; sleep 0.1; done
    kill -KILL $shell; wait $shell || true; [ -e /run/${script}.begun ]`);
describe("at-work.sh", () => {
  test("is the same on mirrors and KVM hosts, but for the library that it loads", () => {
    const loads = /^(?:here=.*\n# shellcheck source=.*\n)?\. ".*\/lib\/\w+\.sh"\n/m;
    const text = (place: string) =>
      readFileSync(`${repository}/scripts/${place}/at-work.sh`, "utf8").replace(loads, "");
    expect(text("host")).toBe(text("guest"));
  });

  test("tells no word of anybody's programs but ours", () => {
    machine.ok(`setsid python3 -c 'import time; time.sleep(1000) # hush' </dev/null >/dev/null 2>&1 & other=$!
      setsid bash -c 'read -r _ </run/end # hush kvm-mirror/x.sh' </dev/null >/dev/null 2>&1 &
      for i in $(seq 300); do grep -q python /proc/$other/cmdline && exit; sleep 0.1; done; exit 1`);
    const processes = atWork("guest");
    expect(JSON.stringify(processes)).not.toContain("hush");
    expect(processes).toContainEqual(expect.objectContaining({ program: "python3", command: null, unit: null }));
    expect(scriptsAtWork(processes)).toEqual([]);
  });

  test("finds a script of a mirror whose login is gone, with its arguments", () => {
    leave("drbd-grow.sh", "/usr/local/lib/kvm-mirror/drbd-grow.sh r0");
    expect(scriptsAtWork(atWork("guest"))).toEqual([
      { pid: expect.any(Number), command: "drbd-grow.sh r0", seconds: expect.any(Number), awaited: false },
    ]);
    machine.ok("pkill -KILL -f drbd-grow");
  });

  test("finds one of the operator's machine", () => {
    leave("first-sync.sh", "cd /clone/scripts && bash ../scripts/operator/first-sync.sh r0");
    expect(scriptsAtWork(atWork("host"))).toMatchObject([{ command: "first-sync.sh r0", awaited: false }]);
    machine.ok("pkill -KILL -f first-sync");
  });

  test("finds one that on-host.sh has sent to a KVM host", () => {
    machine.ok("tar -C /tmp/host -czf /tmp/archive .");
    leave(
      "attach-disk.sh",
      `bash --norc -c "$(cat ${repository}/scripts/operator/lib/receive-scripts.sh)" receive ` +
        "$(stat -c %s /tmp/archive) attach-disk.sh app-1 </tmp/archive",
    );
    expect(scriptsAtWork(atWork("host"))).toMatchObject([{ command: "attach-disk.sh app-1", awaited: false }]);
    machine.ok("pkill -KILL -f attach-disk");
  });
});
