import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const library = resolve(import.meta.dirname, "../../scripts/guest/replication/lib/drbd-state.sh");
const variables = "cs role peer_role disk peer_disk received_kib oos_kib percent";

const connected = `version: 8.4.11 (api:1/proto:86-101)
srcversion: 211FB288A383ED945B83420
 0: cs:Connected ro:Secondary/Primary ds:UpToDate/UpToDate C r-----
    ns:0 nr:65536 dw:65536 dr:0 al:0 bm:0 lo:0 pe:0 ua:0 ap:0 ep:1 wo:f oos:0
 1: cs:SyncTarget ro:Secondary/Primary ds:Inconsistent/UpToDate C r-----
    ns:0 nr:8192 dw:8192 dr:0 al:0 bm:0 lo:0 pe:0 ua:0 ap:0 ep:1 wo:f oos:57344
\t[=>..................] sync'ed: 12.5% (57344/65536)K
\tfinish: 0:00:07 speed: 8,192 (8,192) K/sec
`;
/**
 * The same after the first volume noticed that its peer is gone: its line is longer, so that everything after it moves.
 */
const lost = connected.replace(
  "cs:Connected ro:Secondary/Primary ds:UpToDate/UpToDate",
  "cs:WFConnection ro:Secondary/Unknown ds:UpToDate/DUnknown",
);

let directory: string;
let proc: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "kvm-mirror-proc-"));
  proc = join(directory, "drbd");
});
afterAll(() => rmSync(directory, { recursive: true }));

/** The result of read_state, as "VARIABLE=VALUE …"; `first` is run before it. */
function read(minor: number, first = "", names = variables): string {
  const print = `for name in ${names}; do printf '%s=%s ' "$name" "\${!name}"; done`;
  const { status, stdout, stderr } = spawnSync(
    "bash",
    // Node's pipes are sockets, which bash takes for a login by rsh: it would read ~/.bashrc first.
    ["--norc", "-euo", "pipefail", "-c", `. ${library}; ${first}\nread_state ${minor}\ntrap - DEBUG\n${print}`],
    {
      encoding: "utf8",
      env: { ...process.env, PROC_DRBD: proc },
    },
  );
  expect([status, stderr]).toEqual([0, ""]);
  return stdout.trim();
}

const ofFirst =
  "cs=Connected role=Secondary peer_role=Primary disk=UpToDate " +
  "peer_disk=UpToDate received_kib=65536 oos_kib=0 percent=";
const ofSecond =
  "cs=SyncTarget role=Secondary peer_role=Primary disk=Inconsistent " +
  "peer_disk=UpToDate received_kib=8192 oos_kib=57344 percent=12.5";
const ofNone =
  "cs=Unconfigured role=Unconfigured peer_role=Unknown disk=Unconfigured " +
  "peer_disk=DUnknown received_kib=0 oos_kib=0 percent=";

test.each([
  ["0:00:07", 7],
  ["2:08:09", 7689],
  ["1234:00:00", 4442400],
])("read_state knows the time that is left of a synchronisation: %s", (finish, seconds) => {
  writeFileSync(proc, connected.replace("finish: 0:00:07", `finish: ${finish}`));
  expect([read(0, "", "seconds_left"), read(1, "", "seconds_left")]).toEqual([
    "seconds_left=",
    `seconds_left=${seconds}`,
  ]);
});

test("drbdadm_at_once gives each volume its turn, and says when one failed", () => {
  const drbdadm = 'drbdadm() { shift; echo "$*"; [[ $* != *r8* || -z ${fails:-} ]]; }';
  const volumes = "r0 r1 r2 r3 r4 r5 r6 r7 r8 r9";
  for (const [fails, status] of [
    ["", 0],
    ["fails=yes;", 1],
  ] as const) {
    const command = `. ${library}; ${fails} ${drbdadm}; drbdadm_at_once primary ${volumes}`;
    const done = spawnSync("bash", ["-euo", "pipefail", "-c", command], { encoding: "utf8" });
    expect(done.status).toBe(status);
    expect(done.stdout.trim().split("\n").sort()).toEqual(["r0 r1 r2 r3 r4 r5 r6 r7", "r8 r9"]);
  }
});

describe("load_drbd", () => {
  const load = (text: string) => {
    writeFileSync(proc, text);
    return spawnSync(
      "bash",
      ["-c", `. ${library.replace("replication/lib/drbd-state", "lib/base")}; . ${library}; load_drbd`],
      {
        encoding: "utf8",
        env: { ...process.env, PROC_DRBD: proc },
      },
    );
  };
  test("takes DRBD 8.4", () => expect(load(connected)).toMatchObject({ status: 0, stderr: "" }));
  test.each([
    [
      "DRBD 9, whose /proc/drbd has no volumes",
      "version: 9.2.8 (api:2/proto:86-122)\nGIT-hash: 0 build by root\n",
      "version: 9.2.8",
    ],
    ["DRBD 8.3", "version: 8.3.16 (api:88/proto:86-97)\n", "version: 8.3.16"],
    ["a module that says nothing", "", "nothing"],
  ])("refuses %s", (_, text, words) => {
    const refused = load(text);
    expect(refused).toMatchObject({ status: 3, stderr: expect.stringContaining("the kernel module drbd is not 8.4") });
    expect(refused.stderr).toContain(words);
  });
});

describe("of the state last read", () => {
  test.each([
    ["Connected", "UpToDate/UpToDate", "yes yes"],
    ["VerifyS", "UpToDate/UpToDate", "no yes"],
    ["SyncSource", "UpToDate/Inconsistent", "no no"],
    ["SyncTarget", "Inconsistent/UpToDate", "no no"],
    ["Connected", "UpToDate/Diskless", "no no"],
    ["WFConnection", "UpToDate/DUnknown", "no no"],
  ])("%s %s: whole, both copies UpToDate: %s", (connection, disks, expected) => {
    writeFileSync(
      proc,
      `version: 8.4.11\nsrcversion: 0\n 0: cs:${connection} ro:Primary/Secondary ds:${disks} C r-----\n` +
        "    ns:0 oos:0\n",
    );
    const { stdout } = spawnSync(
      "bash",
      ["-c", `. ${library}; read_state 0; for is in whole both_up_to_date; do $is && echo yes || echo no; done`],
      { encoding: "utf8", env: { ...process.env, PROC_DRBD: proc } },
    );
    expect(stdout.trim().replace("\n", " ")).toBe(expected);
  });
});

describe("read_state", () => {
  test("tells volumes apart", () => {
    writeFileSync(proc, connected);
    expect([read(0), read(1), read(2)]).toEqual([ofFirst, ofSecond, ofNone]);
  });

  test("sees that I/O is suspended, whatever the protocol's place holds; a suspended activity log is none", () => {
    const line = (minor: number, protocol: string, flags: string) =>
      ` ${minor}: cs:StandAlone ro:Primary/Unknown ds:Diskless/DUnknown ${protocol} ${flags}\n    ns:0 nr:0 oos:0\n`;
    writeFileSync(
      proc,
      `version: 8.4.11\nsrcversion: 0\n${line(0, "C", "s-----")}${line(1, " ", "s-----")}${line(2, "C", "r----s")}`,
    );
    const suspended = [0, 1, 2, 3].map((minor) => read(minor, "", "suspended"));
    expect(suspended).toEqual(["suspended=yes", "suspended=yes", "suspended=no", "suspended=no"]);
  });

  test("says Unconfigured of a volume that is down, and when DRBD is not there", () => {
    writeFileSync(
      proc,
      "version: 8.4.11 (api:1/proto:86-101)\nsrcversion: 211FB288A383ED945B83420\n 0: cs:Unconfigured\n",
    );
    expect(read(0)).toBe(ofNone);
    rmSync(proc);
    expect(read(0)).toBe(ofNone);
  });

  test(
    "shows one moment, also while the kernel writes another one: no " +
      "volume is missed, none has another one's figures",
    () => {
      writeFileSync(proc, connected);
      writeFileSync(join(directory, "connected"), connected);
      writeFileSync(join(directory, "lost"), lost);
      // The file changes in place before each command that read_state runs.
      const change =
        `n=0; change() { n=$((n + 1)); if ((n % 2)); then cat ${directory}/connected; else ` +
        `cat ${directory}/lost; fi >${proc}; }; set -T; trap change DEBUG`;
      const lostFirst =
        "cs=WFConnection role=Secondary peer_role=Unknown disk=UpToDate " +
        "peer_disk=DUnknown received_kib=65536 oos_kib=0 percent=";
      expect([ofFirst, lostFirst]).toContain(read(0, change));
      expect(read(1, change)).toBe(ofSecond);
    },
  );
});
