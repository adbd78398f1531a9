/** `kvm-mirror bench` as it is typed, with a Pulumi and an ssh that are played: they answer, and note what is asked. */
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseReport } from "../../../bench/report/report.ts";
import { root } from "../../../harness/run.ts";
import { until } from "../../../harness/until.ts";
import { fioReport, inventory } from "./playedStack.ts";

const drbd = [0, 3, 4]
  .map((minor) => ` ${minor}: cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----\n    oos:0\n`)
  .join("");

/** @param job what a measurement does before its report */
const ssh = (job: string): string => `#!/usr/bin/env bash
here=$(dirname "$0")
command=\${!#}
printf '%s\\n' "$command" | tr '\\n' ' ' >>"$here/asked"
echo >>"$here/asked"
case $command in
  *'kvm-mirror: output'*) cat >/dev/null; printf '\\nkvm-mirror: output\\n' ;;
  *'exec cat >/dev/null'*) exec cat >/dev/null ;;
  *'command -v fio'*) echo /usr/bin/fio ;;
  *'cat /proc/drbd'*) printf '%s' '${drbd}' ;;
  *'mark='*) cat "$here/found" ;;
  *'virsh dumpxml'*) printf "<domain type='qemu'\\nQEMU 7.2.22\\n2\\nEPYC\\n" ;;
  *'kill -INT'*) touch "$here/stopped" ;;
  *'--name=fill'*) ;;
  *'exec fio'*) ${job}; printf '%s' '${fioReport}' ;;
esac
`;

let directory: string;
const path = (name: string): string => join(directory, name);
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "bench-command-"));
  writeFileSync(path("pulumi"), `#!/usr/bin/env bash\ncat "$(dirname "$0")/inventory"\n`);
  writeFileSync(path("inventory"), JSON.stringify(inventory));
  writeFileSync(path("found"), "empty\n");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function bench(job: string, ...args: readonly string[]) {
  writeFileSync(path("ssh"), ssh(job));
  for (const name of ["ssh", "pulumi"]) chmodSync(path(name), 0o755);
  const env = { ...process.env, PATH: `${directory}:${process.env.PATH}`, XDG_STATE_HOME: path("state") };
  const all = ["bench", "--stack", "lab-bench", "--no-direct", "--out", path("b.json"), ...args];
  const child = spawn(process.execPath, [`${root}bin/launch.js`, ...all], { env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  return { child, ended, said: () => said };
}
const asked = (): readonly string[] => readFileSync(path("asked"), "utf8").split("\n");
const report = () => parseReport(readFileSync(path("b.json"), "utf8"), "b.json");

describe("kvm-mirror bench", { timeout: 120_000 }, () => {
  it("measures, says where its report is, and ends with 0", async () => {
    const { ended, said } = bench("true", "--repetitions", "1", "--loads", "write-1m,fsync-4k", "--seed", "5");
    expect(await ended, said()).toBe(0);
    expect(said()).toContain("[1/4] repetition 1/1");
    expect(said()).toContain(`${path("b.json")}, ${path("b.md")}\n`);
    expect(report()).toMatchObject({ stack: "lab-bench", seed: 5, complete: true, slow: 1 });
    expect(report().samples).toHaveLength(4);
  });

  it("ends with 3 where a volume is not empty, and has written nothing", async () => {
    writeFileSync(path("found"), "content ext4\n");
    const { ended, said } = bench("true");
    expect(await ended).toBe(3);
    expect(said()).toContain("bench: volume nbd-virtio is not empty (ext4)");
    expect(asked().filter((command) => /wipefs|exec fio/.test(command))).toEqual([]);
    expect(existsSync(path("b.json"))).toBe(false);
  });

  it("ends the measurement under way when it is told to end, keeps the report, and ends with 1", async () => {
    const { child, ended, said } = bench('while [ ! -e "$here/stopped2" ]; do sleep 0.1; done');
    const working = () =>
      existsSync(path("asked")) && asked().some((command) => /exec fio.*--name=(?!fill)/.test(command));
    await until("a measurement is under way", 60, async () => (working() ? undefined : said()), 0.1);
    // The stop before the run is no answer to the signal.
    rmSync(path("stopped"), { force: true });
    child.kill("SIGINT");
    await until("it is told to stop", 60, async () => (existsSync(path("stopped")) ? undefined : said()), 0.1);
    writeFileSync(path("stopped2"), "");
    expect(await ended, said()).toBe(1);
    expect(said()).toContain("this measurement is ended; what was made is taken away");
    expect(report()).toMatchObject({ complete: false, samples: [], failures: [] });
    expect(asked().at(-2)).toContain("bench-hold.sh");
  });
});
