/** Records of commands, and what a mirror's journal tells of roles: a real journald, real logins, real scripts. */
import { resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { causeOf } from "../../src/operate/history/causes.ts";
import { parseRecord } from "../../src/operate/history/commandRecord.ts";
import { type Journal, parseJournal } from "../../src/operate/history/journal.ts";
import { roleChanges } from "../../src/operate/history/roleMessage.ts";
import { playedJournal } from "./playedJournal.ts";
import { a, b, playedMirrors } from "./playedMirrors.ts";

const repository = resolve(import.meta.dirname, "../..");
const played = playedMirrors();
const log = playedJournal(() => played.machine);

beforeAll(() => {
  for (const script of ["command-record.sh", "history.sh"])
    played.machine.ok(`ln -sfn ${repository}/scripts/guest/machines/${script} /usr/local/lib/kvm-mirror/`);
});

const history = (since = "0"): Journal => {
  const { status, stdout, stderr } = played.machine.guest("history.sh", [since]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return parseJournal(gunzipSync(Buffer.from(stdout, "base64")).toString("utf8"));
};
const recorded = () => history().entries.flatMap(({ message }) => parseRecord(message) ?? []);
const record = (line: string, from = "10.30.0.5") => played.machine.guest("command-record.sh", [from], line);

describe("command-record.sh", () => {
  test("leaves a record that history.sh finds again, with where the operator came from", () => {
    const line = "00000001 ops@desk begins: failover all (typed: mirror-a is off and stays off)";
    expect(record(`${line}\n`)).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(recorded()).toContainEqual({
      ...{ id: "00000001", by: "ops@desk", from: "10.30.0.5", state: "begins" },
      text: "failover all (typed: mirror-a is off and stays off)",
    });
    expect(log.messages("-t", "kvm-mirror-command")).toContain(
      "00000001 ops@desk from 10.30.0.5 begins: failover all (typed: mirror-a is off and stays off)",
    );
  });

  test.each([
    "",
    "0000000x ops@desk begins: x",
    "00000001 ops@desk starts: x",
    "00000001 ops desk begins: x",
    "00000001 ops@desk begins: a\u001b[2J",
    `00000001 ops@desk begins: ${"x".repeat(1001)}`,
    "--tag=kernel",
  ])("takes no other line: %j", (line) => {
    const before = log.messages("-t", "kvm-mirror-command");
    expect(record(line)).toMatchObject({ status: 3, stderr: expect.stringContaining("refused: ") });
    expect(log.messages("-t", "kvm-mirror-command")).toEqual(before);
  });

  test("takes nothing but an address", () => {
    for (const words of ["", "$(id)", "10.0.0.1 x"])
      expect(record("00000001 ops@desk begins: x", words)).toMatchObject({ status: 2 });
  });

  test("fails where there is no journal", () => {
    played.machine.ok("mv /dev/log /dev/log.away");
    expect(record("00000002 ops@desk begins: x")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("the journal takes no record"),
    });
    played.machine.ok("mv /dev/log.away /dev/log");
  });
});

describe("history.sh", () => {
  test("tells of the kernel's roles and boots, and nothing else that the kernel says", () => {
    log.kernel("block drbd0: role( Secondary -> Primary )");
    log.kernel("drbd r0: peer( Primary -> Unknown ) conn( Connected -> NetworkFailure )");
    log.kernel("Linux version 6.1.0-28-amd64");
    log.kernel("block drbd0: disk( UpToDate -> Failed )");
    const { entries } = history();
    expect(entries.filter(({ source }) => source === "kernel").map(({ message }) => message)).toEqual([
      "block drbd0: role( Secondary -> Primary )",
      "drbd r0: peer( Primary -> Unknown ) conn( Connected -> NetworkFailure )",
      "Linux version 6.1.0-28-amd64",
    ]);
    expect(entries.flatMap(({ message }) => roleChanges(message))).toHaveLength(2);
  });

  test("tells of scripts that sudo ran and that may change a role, and of no look", () => {
    const by = "storage : PWD=/home/storage ; USER=root ; COMMAND=/usr/local/lib/kvm-mirror";
    log.says("sudo", ` ${by}/group-start.sh main --take-over`);
    log.says("sudo", ` ${by}/state.sh`);
    log.says("sudo", " storage : PWD=/ ; USER=root ; COMMAND=/usr/sbin/drbdadm primary r0");
    const causes = history().entries.flatMap((entry) => causeOf(entry) ?? []);
    expect(causes).toMatchObject([
      { kind: "script", login: "storage", words: ["group-start.sh", "main", "--take-over"] },
      { kind: "script", words: ["drbdadm", "primary", "r0"] },
    ]);
  });

  test("tells of the cluster's promotions and fencing, and of the failure before it", () => {
    const why = "the data disk of volume r0 has answered nothing for 30 s";
    const failed = (what: string) => ` warning: Unexpected result (${what}) was recorded for monitor of `;
    log.says("pacemaker-schedulerd", `${failed(`error: ${why}`)}exports-main on mirror-a at Nov 29 02:03:04 2026`);
    log.says("pacemaker-schedulerd", `${failed("not running")}drbd-r0:0 on mirror-a at Nov 29 02:03:04 2026`);
    log.says("pacemaker-controld", " notice: Requesting local execution of promote operation for drbd-r0 on mirror-b");
    log.says("pacemaker-controld", " notice: Requesting local execution of monitor operation for drbd-r0 on mirror-b");
    log.says(
      "pacemaker-fenced",
      " notice: Operation 'reboot' targeting mirror-a by mirror-b for pacemaker-controld.1@mirror-b: OK (complete)",
    );
    const causes = history().entries.flatMap((entry) => (entry.source === "cluster" ? [causeOf(entry)] : []));
    expect(causes).toMatchObject([
      { kind: "failed", mirror: "mirror-a", why },
      { kind: "operation", volume: "r0", mirror: "mirror-b" },
      { kind: "fenced", mirror: "mirror-a", by: "mirror-b" },
    ]);
  });

  test("tells of groups that systemd starts and stops, whatever its words for them, and of no other unit", () => {
    const line = (unit: string, message: string) =>
      JSON.stringify({
        ...{ __REALTIME_TIMESTAMP: "1000000", _TRANSPORT: "journal", SYSLOG_IDENTIFIER: "systemd", _UID: "0" },
        ...{ UNIT: unit, MESSAGE: message },
      });
    const lines = [
      line("kvm-mirror-group@main.service", "Starting Group main: volumes, servers and VIP..."),
      line("kvm-mirror-group@main.service", "Stopping kvm-mirror-group@main.service - Group main"),
      line("tgt.service", "Starting tgt.service"),
    ];
    try {
      played.machine.play("journalctl", `[[ "$*" == *json* ]] || exit 0\ncat <<'END'\n${lines.join("\n")}\nEND`);
      expect(history().entries.map(causeOf)).toMatchObject([
        { kind: "unit", group: "main", phase: "starting" },
        { kind: "unit", group: "main", phase: "stopping" },
      ]);
    } finally {
      played.machine.ok("rm /usr/sbin/journalctl");
    }
  });

  test("takes no other program for the kernel, sudo or a record", () => {
    const before = history().entries.length;
    log.says("liar", "block drbd0: role( Secondary -> Primary )");
    log.says("liar", " eve : PWD=/ ; USER=root ; COMMAND=/usr/sbin/drbdadm primary r0");
    played.machine.ok(`setpriv --reuid 65534 --clear-groups logger --tag kvm-mirror-command \\
      '0000000e eve@x from 10.0.0.1 begins: failover all' && journalctl --sync`);
    expect(history().entries).toHaveLength(before);
  });

  test("says since when it can tell, and tells of the time that was asked for", () => {
    const { first, cut } = history();
    expect([first, cut]).toEqual([
      Number(played.machine.ok("journalctl -q -o short-unix | sed -n '1s/\\..*//p'")),
      false,
    ]);
    expect(history(String(Math.floor(Date.now() / 1000) + 3600)).entries).toEqual([]);
  });

  test("leaves out the oldest when there are too many, and says so", () => {
    const role = "block drbd0: role( Primary -> Secondary )";
    try {
      played.machine.play(
        "journalctl",
        `[[ "$*" == *json* ]] || exit 0
        for i in $(seq 40000); do
          echo '{"__REALTIME_TIMESTAMP":"'$((i * 1000))'","_TRANSPORT":"kernel","MESSAGE":"${role}","x":"'$i'"}'
        done`,
      );
      const { first, cut, entries, unread } = history();
      expect([first, cut, unread, entries.at(-1)?.at]).toEqual([undefined, true, 0, 40_000]);
      expect(entries.length).toBeGreaterThan(20_000);
      played.machine.play("journalctl", "echo 'no such file' >&2; exit 1");
      expect(played.machine.guest("history.sh", ["0"])).toMatchObject({
        status: 1,
        stderr: expect.stringContaining("the journal cannot be read"),
      });
    } finally {
      played.machine.ok("rm /usr/sbin/journalctl");
    }
  });

  test("takes nothing but a moment", () => {
    for (const words of [[], ["later"], ["0", "1"], ["$(id)"]])
      expect(played.machine.guest("history.sh", words)).toMatchObject({ status: 2 });
  });
});

describe("a record of the operator's machine", () => {
  beforeEach(() => played.mirrors("serving", "idle"));
  const leave = (other: string = b) =>
    played.machine.sh(
      `cd ${repository}/src && KVM_MIRROR_CONNECT_TIMEOUT=3 bash ../scripts/operator/leave-record.sh ` +
        `${a} '${played.hostKey()}' ${other} '${played.hostKey()}'`,
      "000000aa ops@desk done: switch all --to mirror-b\n",
    );
  const of = (id: string) => recorded().filter((one) => one.id === id);

  test("is left on both mirrors, with the address that sshd sees", () => {
    expect(leave()).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(of("000000aa").map(({ from, text }) => [from, text])).toEqual(
      Array(2).fill(["127.0.0.1", "switch all --to mirror-b"]),
    );
  });

  test("is left on the other mirror where one does not take it, which is named", () => {
    const before = of("000000aa").length;
    expect(leave("root@127.0.0.9")).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("root@127.0.0.9 takes no record of the command"),
    });
    expect(of("000000aa")).toHaveLength(before + 1);
    played.machine.ok("mv /dev/log /dev/log.away");
    expect(leave()).toMatchObject({ status: 1, stderr: expect.stringContaining("no mirror has a record") });
    played.machine.ok("mv /dev/log.away /dev/log");
  });

  const place = (does: readonly [string, string], ...before: readonly string[]) => {
    const { hostKey } = played;
    played.mirrors(...does);
    return played.run(
      "place-group.sh",
      ["main", "one", "one", a, hostKey(), "other", b, hostKey()],
      [...before, "SUDO_USER=ops"].join(" "),
    );
  };
  const ofPlacing = () =>
    recorded().flatMap(({ by, state, text }) => (text.includes("place-group.sh") ? [`${by} ${state}: ${text}`] : []));

  test("is left by what `pulumi up` runs, beside its work", () => {
    expect(place(["serving", "idle"])).toMatchObject({ status: 0, stdout: "preferred one\n" });
    const by = `ops@${played.machine.ok("uname -n")}`;
    const twice = [`${by} begins: pulumi: place-group.sh main`, `${by} done: pulumi: place-group.sh main`];
    expect(ofPlacing().toSorted()).toEqual([...twice, ...twice].toSorted());
  });

  test("says which command of pulumi it was, and no other word of it; and how it ended", () => {
    const before = ofPlacing().length;
    // A pulumi whose child the script is.
    played.machine.ok("cp /bin/bash /run/pulumi");
    const { hostKey } = played;
    played.mirrors("serving", "serving");
    const args = ["main", "one", "one", a, hostKey(), "other", b, hostKey()].map((word) => `'${word}'`).join(" ");
    played.machine.ok("cat >/run/up", `cd ${repository}/src; bash ../scripts/operator/place-group.sh ${args}; exit $?`);
    expect(played.machine.sh("/run/pulumi /run/up up --config password=hush").status).toBe(1);
    const texts = ofPlacing().slice(before);
    expect(texts.filter((text) => / failed: pulumi up: place-group\.sh main$/.test(text))).toHaveLength(2);
    expect(texts.join()).not.toContain("hush");
  });

  test("fails nothing where no mirror takes it", () => {
    played.machine.ok("mv /dev/log /dev/log.away");
    expect(place(["serving", "idle"])).toMatchObject({
      status: 0,
      stdout: "preferred one\n",
      stderr: expect.stringContaining("no mirror has a record of the command"),
    });
    played.machine.ok("mv /dev/log.away /dev/log");
  });
});

test("keep-journal.sh has the journal kept, once", () => {
  const keep = `${repository}/scripts/guest/machines/keep-journal.sh`;
  played.machine.play("systemctl", 'echo "$@" >>/run/systemctl');
  for (const _ of ["first", "second"])
    expect(played.machine.sh(`PATH=/usr/sbin:$PATH bash ${keep}`)).toEqual({
      status: 0,
      stdout: "",
      stderr: "",
    });
  expect(played.machine.ok("cat /run/systemctl")).toBe("restart systemd-journald.service");
  // What is installed beside it must not wait for journald.
  played.machine.play("systemctl", "echo 'no bus' >&2; exit 1");
  played.machine.ok("rm /etc/systemd/journald.conf.d/50-kvm-mirror.conf");
  expect(played.machine.sh(`PATH=/usr/sbin:$PATH bash ${keep}`)).toMatchObject({
    status: 0,
    stderr: expect.stringContaining("journald does not take its settings now"),
  });
  expect(
    played.machine.ok("systemd-analyze cat-config systemd/journald.conf | grep -E '^(Storage|SystemMaxUse)='"),
  ).toBe("Storage=persistent\nSystemMaxUse=300M");
});
